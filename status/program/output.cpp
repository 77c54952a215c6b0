#include "status/program/output.h"

#include <filesystem>
#include <iostream>

#include "scsi/base/output_file.h"
#include "scsi/base/printable.h"

namespace shstore::status {
namespace {

constexpr mode_t kReadableByAll = 0644;

}  // namespace

int write_to_file(const Request& request, const std::string& path, const std::string& text) {
  for (const auto& file : request.question.sd_files) {
    std::error_code error;
    if (!std::filesystem::equivalent(file, path, error) || !std::filesystem::is_regular_file(file, error)) continue;
    std::cerr << "shstore-status: " << base::printable(path)
              << " is the configuration that --sd names: it is not written over\n";
    return kUsage;
  }
  const auto written = base::write_output(path, text, kReadableByAll);
  if (written) return kDone;
  std::cerr << "shstore-status: " << written.error() << '\n';
  return kDevice;
}

}  // namespace shstore::status
