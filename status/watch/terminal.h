// The terminal while --watch has it: another screen, keys as they are pressed, and everything back as it was in the end.
#pragma once

#include <termios.h>

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "status/watch/view.h"

namespace shstore::status::watch {

/// What draws the lines from the top left corner, in one piece, so that it does not flicker. `colour`: bold and reverse
/// are used in any case.
std::string frame(const std::vector<Line>& lines, bool colour);

/// Why --watch cannot run here, or nothing.
tl::expected<void, std::string> can_be_drawn_on();

/// Standard input and output, which are a terminal. Ends with the terminal as it was found, also when it is left by an
/// exception; signals are the caller's.
class Terminal {
 public:
  Terminal() { enter(); }
  ~Terminal() { leave(); }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  void enter();  ///< takes it, if it is not taken
  void leave();  ///< gives it back, if it is taken
  Size size() const;
  bool write(std::string_view bytes) const;  ///< false: the terminal is gone

 private:
  bool taken_ = false;
  termios before_{};
};

}  // namespace shstore::status::watch
