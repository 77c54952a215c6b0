#include <fmt/format.h>

#include <string_view>
#include <vector>

#include "config/command_words.h"
#include "config/reading.h"
#include "scsi/base/run_program.h"

namespace shstore::config {
namespace {

class ProcessRunner : public CommandRunner {
 public:
  ProcessRunner(std::chrono::milliseconds deadline, size_t most_output)
      : deadline_(deadline), most_output_(most_output) {}

  tl::expected<std::string, std::string> run(const std::string& command) override {
    const auto words = command_words(command);
    if (words.empty()) return tl::make_unexpected("a command must follow the |");
    auto end = base::run_program(words, {.deadline = deadline_,
                                         .stop = nullptr,
                                         .most_output = most_output_,
                                         .ends_when_cut = true,
                                         .with_errors = false,
                                         .input = {}});
    if (!end) return tl::make_unexpected(end.error());
    const auto failed = [&](const std::string& how) { return tl::make_unexpected(words[0] + ' ' + how); };
    if (end->cut) return failed(fmt::format("writes more than {} bytes", most_output_));
    if (end->timed_out) return failed(fmt::format("did not end within {} ms", deadline_.count()));
    // Bacula does not ask how the command ended. It would read what there is; but nothing at all is suspect.
    if (end->status == 0 || !end->output.empty()) return std::move(end->output);
    return failed(end->signal == 0 ? fmt::format("ended with status {} and wrote nothing", end->status)
                                   : fmt::format("was ended by signal {} and wrote nothing", end->signal));
  }

 private:
  const std::chrono::milliseconds deadline_;
  const size_t most_output_;
};

}  // namespace

std::unique_ptr<CommandRunner> process_runner(std::chrono::milliseconds deadline, size_t most_output) {
  return std::make_unique<ProcessRunner>(deadline, most_output);
}

}  // namespace shstore::config
