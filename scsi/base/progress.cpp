#include "scsi/base/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <iostream>

#include "scsi/base/printable.h"

namespace shstore::base {
namespace {

size_t columns() {
  constexpr size_t kUsual = 80;
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col : kUsual;
}

// What is longer than a line could not be written over.
void write_over(const std::string& text) {
  auto line = printable(text);
  if (const auto room = columns() - 1; line.size() > room) line.resize(room);
  std::cerr << '\r' << printable(line) << "\x1b[K" << std::flush;  // again: a character may have been cut
}

}  // namespace

ShowProgress progress_on_terminal() { return ::isatty(STDERR_FILENO) != 0 ? ShowProgress(write_over) : ShowProgress{}; }

}  // namespace shstore::base
