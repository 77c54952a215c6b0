// A file of sysfs that is read again and again: kept open, so that each time is one pread(2).
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "scsi/base/descriptor.h"

namespace shstore::scsi {

/// Not thread-safe. Move-only.
class AttributeFile {
 public:
  explicit AttributeFile(std::string path = {}) : path_(std::move(path)) {}

  /// Its first word as it is now, empty where there is none; nothing: there is no such file, or the kernel has taken the
  /// device away since (ENODEV). Whatever is there by that name the next time is another one, and opened anew.
  std::optional<std::string> read();
  const std::string& path() const { return path_; }

 private:
  std::optional<std::string> read_open() const;

  std::string path_;
  base::Descriptor file_;
};

}  // namespace shstore::scsi
