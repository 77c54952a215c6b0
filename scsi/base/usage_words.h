// What a program says of arguments that it does not understand. They may hold anything: a pull request names its files.
#pragma once

#include <string>
#include <string_view>

#include "scsi/base/printable.h"

namespace shstore::base {

/// For CLI11's failure_message(): `what` is one sentence of the library's.
inline std::string usage_words(std::string_view what) {
  return printable(what) + "\nRun with --help for more information.\n";
}

}  // namespace shstore::base
