#include "changer/program/move_log.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>

#include "scsi/base/output_file.h"
#include "scsi/base/printable.h"
#include "scsi/error.h"

namespace shstore::changer::program {
namespace {

std::string quoted(const std::string& any) {
  const auto value = base::printable(any, " ");
  if (!value.empty() && value.find_first_of(" \"\\=") == std::string::npos) return value;
  std::string text = "\"";
  for (const char ch : value) {
    if (ch == '"' || ch == '\\') text += '\\';
    text += ch;
  }
  return text + '"';
}

void add(std::string& line, const char* name, const std::string& value) {
  if (!value.empty()) line += fmt::format("{}{}={}", line.empty() ? "" : " ", name, quoted(value));
}

}  // namespace

std::string move_line(const Context& c, const Outcome<int>& ended, std::chrono::milliseconds took) {
  const auto& a = c.arguments;
  const bool transfer = a.command == "transfer";
  std::string line;
  add(line, "changer", a.changer_device);
  add(line, "operation", a.command);
  add(line, "slot", a.slot);
  if (transfer)
    add(line, "to_slot", a.second_slot.empty() ? a.archive_device : a.second_slot);
  else
    add(line, "drive", a.drive_index);
  if (c.moved) {
    add(line, "from", std::to_string(c.moved->from));
    add(line, "to", std::to_string(c.moved->to));
    add(line, "barcode", c.moved->barcode);
  }
  add(line, "jobid", a.caller.id);
  add(line, "job", a.caller.job);
  line += fmt::format(" seconds={:.1f} result={}", static_cast<double>(took.count()) / 1000,
                      ended && *ended == 0 ? "done" : "failed");
  if (!ended) {
    line += fmt::format(" status={}", static_cast<int>(ended.error().status));
    add(line, "why", ended.error().message);
  } else if (*ended != 0) {
    line += fmt::format(" status={}", *ended);
  }
  return line;
}

Outcome<void> append_move(const std::string& file, const std::string& line) {
  const auto text = fmt::format("{:%Y-%m-%dT%H:%M:%SZ} {}\n", fmt::gmtime(std::time(nullptr)), line);
  const auto log = base::open_log(file);
  if (!log) return fail(ExitStatus::device, log.error());
  const auto written = ::write(log->get(), text.data(), text.size());  // one write: several programs append
  if (written == static_cast<ssize_t>(text.size())) return {};
  return fail(ExitStatus::device,
              fmt::format("cannot write {}: {}", file, scsi::errno_text(written < 0 ? errno : ENOSPC)));
}

}  // namespace shstore::changer::program
