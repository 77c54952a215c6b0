#include "status/watch/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string_view>

namespace shstore::status::watch {
namespace {

// xterm's control sequences, which every terminal has that is used today. The other screen; no cursor; what is too long
// does not go on in the next line.
constexpr std::string_view kEnter = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J";
constexpr std::string_view kLeave = "\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l";

std::string_view code(Style style, bool colour) {
  switch (style) {
    case Style::bold: return "\x1b[1m";
    case Style::header: return "\x1b[7m";
    case Style::critical: return colour ? "\x1b[1;31m" : "\x1b[1m";
    case Style::warning: return colour ? "\x1b[33m" : "";
    case Style::unknown: return colour ? "\x1b[35m" : "";
    case Style::plain: break;
  }
  return "";
}

}  // namespace

std::string frame(const std::vector<Line>& lines, bool colour) {
  std::string bytes = "\x1b[H";
  for (size_t i = 0; i < lines.size(); ++i) {
    if (i > 0) bytes += "\r\n";
    const auto style = code(lines[i].style, colour);
    bytes += style;
    bytes += lines[i].text;
    if (!style.empty()) bytes += "\x1b[0m";
    bytes += "\x1b[K";  // what a longer line has left
  }
  return bytes + "\x1b[J";
}

tl::expected<void, std::string> can_be_drawn_on() {
  const auto no = [](const char* what) {
    return tl::make_unexpected(std::string("--watch needs a terminal, and ") + what +
                               "; without --watch the status is printed once");
  };
  if (::isatty(STDOUT_FILENO) == 0) return no("standard output is none");
  if (::isatty(STDIN_FILENO) == 0) return no("standard input is none");
  const char* term = std::getenv("TERM");
  if (term == nullptr || std::string_view(term).empty() || std::string_view(term) == "dumb")
    return no("TERM says that this one cannot move its cursor");
  return {};
}

void Terminal::enter() {
  if (taken_ || ::tcgetattr(STDIN_FILENO, &before_) != 0) return;
  taken_ = true;
  auto keys = before_;
  // ^C and ^Z stay signals.
  keys.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
  keys.c_cc[VMIN] = 1;
  keys.c_cc[VTIME] = 0;
  ::tcsetattr(STDIN_FILENO, TCSADRAIN, &keys);
  write(kEnter);
}

void Terminal::leave() {
  if (!taken_) return;
  write(kLeave);
  ::tcsetattr(STDIN_FILENO, TCSADRAIN, &before_);
  taken_ = false;
}

Size Terminal::size() const {
  winsize size{};
  // A serial console does not know.
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return {};
  return {size.ws_col, size.ws_row};
}

bool Terminal::write(std::string_view bytes) const {
  while (!bytes.empty()) {
    const auto n = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (n < 0 && errno != EINTR) return false;
    if (n > 0) bytes.remove_prefix(static_cast<size_t>(n));
  }
  return true;
}

}  // namespace shstore::status::watch
