// How far long work is, for a person who waits: a line on a terminal that is written over. In a pipe or a file, nothing.
#pragma once

#include <functional>
#include <string>

namespace shstore::base {

/// Says how far it is, written over what stood there before; an empty text takes it away, and whoever prints something else
/// takes it away first. Empty function: nobody looks.
using ShowProgress = std::function<void(const std::string& text)>;

/// On standard error where that is a terminal, else empty. What is shown is cut to a line of the terminal.
ShowProgress progress_on_terminal();

/// Takes what was shown away at its end.
class Progress {
 public:
  explicit Progress(const ShowProgress& show) : show_(show) {}
  ~Progress() {
    if (show_ && shown_) show_("");
  }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  void operator()(const std::string& text) {
    if (!show_) return;
    show_(text);
    shown_ = true;
  }

 private:
  const ShowProgress& show_;
  bool shown_ = false;
};

}  // namespace shstore::base
