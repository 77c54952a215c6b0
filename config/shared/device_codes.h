// Bacula's device codes (%a, %c, %o, ...) in a command's words. The one place for Lock Commands and changer commands.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace shstore::config {

/// What the codes stand for. What is not given becomes "*None*", as Bacula writes it.
struct DeviceCodes {
  std::string archive_device;                 ///< %a
  std::optional<std::string> changer_device;  ///< %c
  int64_t drive_index = 0;                    ///< %d
  std::optional<std::string> client;          ///< %f
  std::optional<std::string> job;             ///< %j
  std::optional<std::string> control_device;  ///< %l
  std::optional<std::string> operation;       ///< %o
  int64_t slot = 0;                           ///< %S; %s is one less
  std::optional<std::string> volume;          ///< %v
};

/// One word with its codes expanded as bacula 9.6.7 does (stored/autochanger.c, edit_device_codes): %% is %, an unknown
/// code stays as it is. Bacula expands first and splits then; here the words are there already, so that a blank in a
/// device's or a volume's name does not make two of one.
std::string expand_codes(std::string_view word, const DeviceCodes& codes);
std::vector<std::string> expand_codes(const std::vector<std::string>& words, const DeviceCodes& codes);

}  // namespace shstore::config
