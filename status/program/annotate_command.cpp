// bconsole ... | shstore-status --annotate: a filter.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <iostream>

#include "status/show/annotate.h"
#include "status/program/command.h"

namespace shstore::status {
namespace {

/// The daemons, read anew for every status that passes.
class Daemons {
 public:
  explicit Daemons(const Question& question) : question_(question) {}

  const SdSnapshot* find(const std::string& name) {
    auto found = gather_and_complain(question_);
    known_ = std::move(found.daemons);
    worst_ = std::max(worst_, found.worst);
    const bool only_one = name.empty() && question_.sd_files.size() == 1;
    for (const auto& facts : known_) {
      if (only_one || facts.snapshot.sd_name == name) return &facts.snapshot;
    }
    return nullptr;
  }
  int worst() const { return worst_; }

 private:
  Question question_;
  std::vector<SdFacts> known_;
  int worst_ = kDone;
};

void write_now(std::string_view bytes) {
  std::cout.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  std::cout.flush();
}

int annotate(const Request& request) {
  Daemons daemons(request.question);
  Annotator annotator([&](const std::string& name) { return daemons.find(name); }, write_now, request.names);
  std::array<char, 65536> buffer{};
  for (;;) {
    const ssize_t n = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      annotator.end();
      if (n == 0) return daemons.worst();
      std::cerr << "shstore-status: cannot read standard input\n";
      return kDevice;
    }
    annotator.feed({buffer.data(), static_cast<size_t>(n)});
    if (std::cout.fail()) return kDevice;
  }
}

}  // namespace

Command add_annotate_command(CLI::App& app) {
  auto* option = app.add_flag("--annotate");
  option->description(
      "a filter: what bconsole prints, from standard input, with the lines about locks put into every "
      "`status "
      "storage` of these daemons");
  return {option, annotate};
}

}  // namespace shstore::status
