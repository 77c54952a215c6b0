// What every fuzzer of this folder asks for.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "scsi/base/printable.h"

namespace shstore::fuzzing {

/// `about` is shown where it does not hold.
inline void must(bool holds, const char* what, std::string_view about = {}) {
  if (holds) return;
  std::fprintf(stderr, "%s: %.*s\n", what, static_cast<int>(about.size()), about.data());
  std::abort();
}

/// What reaches a terminal or a log: nothing but characters that may be shown, and line ends.
inline void must_be_printable(const char* what, std::string_view text) {
  must(base::printable_lines(text) == text, what, text);
}

/// The same for a part of a line.
inline void must_be_one_line(const char* what, std::string_view text) {
  must(base::printable(text) == text, what, text);
}

}  // namespace shstore::fuzzing
