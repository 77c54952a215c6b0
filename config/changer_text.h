// shstore-changer.conf as text with places, for the linter: the few settings that have to fit bacula-sd.conf.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "config/value.h"

namespace shstore::config {

/// What is not understood has its default: shstore-changer itself refuses a file that it does not understand.
struct ChangerText {
  std::string path;
  Value<uint64_t> auto_clean{0};
  Value<uint64_t> clean_wait{240};  ///< seconds
};

ChangerText read_changer_text(std::string_view text, const std::string& path);

}  // namespace shstore::config
