#include "plugin/debug_log.h"

#include <fmt/chrono.h>
#include <unistd.h>

#include <chrono>

#include "scsi/base/output_file.h"
#include "scsi/base/printable.h"

namespace shstore::plugin {

std::string DebugLog::start() {
  if (const auto file = base::open_log(path_); !file) return "no debug log: " + file.error();
  on_ = true;
  return {};
}

void DebugLog::line(const std::string& text) noexcept {
  if (!on_) return;
  try {
    const auto now = std::chrono::system_clock::now();
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
    // As storage-ctl's lines.
    const auto line = fmt::format("[{:%Y-%m-%d %H:%M:%S}.{:03}] [shstore-sd] [debug] {}\n",
                                  fmt::localtime(std::chrono::system_clock::to_time_t(now)), ms, base::printable(text));
    if (const auto file = base::open_log(path_)) {
      [[maybe_unused]] const ssize_t lost = ::write(file->get(), line.data(), line.size());
    }
  } catch (...) {
    // A debug log stops nobody.
  }
}

}  // namespace shstore::plugin
