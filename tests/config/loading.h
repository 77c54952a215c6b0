// Loading a configuration from texts in memory.
#pragma once

#include <fmt/format.h>

#include <map>
#include <string>

#include "config/sd_config.h"

namespace shstore::config::testing {

class MemoryReader : public FileReader {
 public:
  explicit MemoryReader(std::map<std::string, std::string> files) : files_(std::move(files)) {}

  tl::expected<std::string, std::string> read(const std::string& path) override {
    const auto found = files_.find(path);
    if (found != files_.end()) return found->second;
    return tl::make_unexpected(fmt::format("cannot open {}: No such file or directory", path));
  }

 private:
  std::map<std::string, std::string> files_;
};

inline SdConfig load_files(std::map<std::string, std::string> files) {
  MemoryReader reader(std::move(files));
  return load_sd_config("sd.conf", reader);
}

inline SdConfig load(std::string text) { return load_files({{"sd.conf", std::move(text)}}); }

/// All diagnostics but those that say which resources a fragment lacks, and what Bacula drops (dropped_test.cpp), one per line.
inline std::string complaints(const SdConfig& config) {
  std::string result;
  for (const Diagnostic& diagnostic : config.diagnostics) {
    if (diagnostic.message.find("bacula-sd needs one") != std::string::npos) continue;
    if (diagnostic.kind == Diagnostic::Kind::dropped) continue;
    result += to_text(diagnostic, config.files) + "\n";
  }
  return result;
}

/// A Device with what is required, and `more` on the lines from 5 on.
inline std::string device(const std::string& more) {
  return "Device {\n  Name = D\n  Media Type = T\n  Archive Device = /dev/nst0\n" + more + "}\n";
}

}  // namespace shstore::config::testing
