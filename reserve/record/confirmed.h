// What an administrator has said of a drive that is another one than the state file remembers (storage-ctl confirm), for the plugin to
// read: beside the state file, one line for each control device.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace shstore::record {

struct Confirmed {
  std::string control_device;      ///< as bacula-sd.conf names it
  std::string serial, designator;  ///< INQUIRY pages 80h and 83h; empty: not known
  friend bool operator==(const Confirmed&, const Confirmed&) = default;
};

/// "/var/lib/bacula/cibou-sd.shstore.confirmed" for "/var/lib/bacula/cibou-sd.shstore.json"
std::string confirmed_path(const std::string& state_path);

/// Lines that are none are passed over.
std::vector<Confirmed> parse_confirmed(std::string_view text);
std::string to_text(const std::vector<Confirmed>& all);

/// What is there; nothing if it cannot be read.
std::vector<Confirmed> read_confirmed(const std::string& path);
/// Adds one, in place of what was said of that control device before.
tl::expected<void, std::string> write_confirmed(const std::string& path, const Confirmed& one);

}  // namespace shstore::record
