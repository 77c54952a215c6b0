// NAME=VALUE files that a shell script would source: ours are data and only parsed. storage-ctl.conf, shstore-changer.conf.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scsi/error.h"

namespace shstore::scsi {

struct Setting {
  std::string name, value;
  int line = 0;
};

/// `NAME=VALUE` lines, `#` comments, values bare or in single or double quotes. Anything a shell would execute or expand
/// ($, `, ;, |, &) is refused with the reason, and so is a name that is set twice. `file` is used in messages: "storage-ctl.conf:7: ...".
Result<std::vector<Setting>> parse_settings(std::string_view text, const std::string& file);

/// A whole number from 0 to `largest`; the message has no place.
Result<unsigned> setting_number(const Setting& setting, unsigned largest);

/// A file's text; refused if it is no regular file, larger than 1 MiB, or other users may write it.
Result<std::string> read_settings_file(const std::string& path);

}  // namespace shstore::scsi
