#include "status/look/bconsole.h"

#include <fmt/format.h>

#include <string_view>

#include "scsi/base/printable.h"
#include "scsi/base/run_program.h"

namespace shstore::status {
namespace {

constexpr size_t kMaxAnswer = 16 << 20;

// bconsole may have shown the whole answer and not end for a minute: its thread of timers was not woken
// (stop_watchdog(), lib/watchdog.c; seen with 15.0.3, once in some thousand calls on a busy machine). It shows each command before it
// obeys it, and what begins with @ it does itself.
constexpr std::string_view kEcho = "@echo that was all";

// Without that command and what came of it.
std::string without_echo(std::string text) {
  const auto begin = text.find(fmt::format("\n{}", kEcho));
  if (begin != std::string::npos) text.resize(begin + 1);
  return text;
}

std::string last_line(const std::string& text) {
  const auto last = text.find_last_not_of(" \r\n");
  if (last == std::string::npos) return {};
  const auto begin = text.rfind('\n', last);
  return base::printable(text.substr(begin + 1, last - begin));
}

// A name goes to the console as part of a command line: what could begin another command is refused.
bool is_a_name(std::string_view text) {
  return !text.empty() && text.find_first_of("\n\r\"\\;") == std::string_view::npos;
}

}  // namespace

tl::expected<std::string, std::string> bacula_status_text(const BconsoleRequest& request) {
  const auto failed = [&](const std::string& why) {
    return tl::make_unexpected(
        fmt::format("cannot ask {} -c {} for the status: {}", request.program, request.configuration, why));
  };
  if (!is_a_name(request.storage)) return failed(fmt::format("\"{}\" is not the name of a Storage", request.storage));
  auto end = base::run_program({request.program, "-n", "-c", request.configuration},
                               {.deadline = request.deadline,
                                .stop = nullptr,
                                .most_output = kMaxAnswer,
                                .ends_when_cut = false,
                                .with_errors = true,
                                .input = fmt::format("status storage=\"{}\"\n{}\nquit\n", request.storage, kEcho),
                                .last_line = std::string(kEcho)});
  if (!end) return failed(end.error());
  if (end->timed_out) return failed(fmt::format("it did not end within {} s", request.deadline.count()));
  if (end->status == 0) return without_echo(std::move(end->output));
  // Not every version says why: bconsole 9.6.7 ends so, without a word, when the Director is down.
  const auto how = end->signal != 0 ? fmt::format("signal {} ended it", end->signal)
                                    : fmt::format("it ended with exit status {}", end->status);
  const auto line = last_line(end->output);
  return failed(line.empty() ? how + " and said nothing; does the Director run?"
                             : fmt::format("{}; its last line was \"{}\". Does the Director run?", how, line));
}

}  // namespace shstore::status
