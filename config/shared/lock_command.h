// What a Lock Command is. The plugin, shstore-changer, shstore-status and shstore-lint all ask here.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <variant>
#include <vector>

namespace shstore::config {

/// Our storage-ctl: the plugin does its work in its own process, with the key of that storage-ctl's storage-ctl.conf.
struct StorageCtl {
  std::string program;  ///< as written, with its folder unless `conf` is given
  std::string conf{};   ///< of its option --config; empty: the one that belongs to the program, conf_of()
  bool operator==(const StorageCtl&) const = default;
};

/// A program of the site's own, which is run as it is written: config/shared/site_lock.h has what it must do.
struct SiteProgram {
  std::vector<std::string> words;  ///< device codes not expanded
  bool operator==(const SiteProgram&) const = default;
};

/// Every job that wants the device is refused.
struct Unusable {
  enum class Reason { blank, no_control_device, no_operation, no_folder };
  Reason reason = Reason::blank;
  std::string program{};  ///< the first word; empty where there is none
  std::string why{};      ///< "its Lock Command ...", to be read after the device's name
  bool operator==(const Unusable&) const = default;
};

using LockCommand = std::variant<StorageCtl, SiteProgram, Unusable>;

/// By its text alone. storage-ctl must be given %l and %o as words of their own, and its folder or --config; a program of the
/// site's own must be given %o, in a word or as one, and knows itself how it learns which drive is meant.
LockCommand understand_lock_command(std::string_view command);

/// The path of its storage-ctl.conf on this machine: looks at the disk, as storage-ctl does itself (scsi/conf_place.h). The file
/// need not be there. The error: there are two that differ.
tl::expected<std::string, std::string> conf_of(const StorageCtl& command);

}  // namespace shstore::config
