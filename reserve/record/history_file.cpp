#include "reserve/record/history_file.h"

#include "scsi/base/foreign_file.h"

namespace shstore::record {

std::string history_path(const std::string& working_directory, const std::string& sd_name) {
  return working_directory + '/' + sd_name + ".shstore.history";
}

tl::expected<std::string, std::string> read_history_text(const std::string& path) {
  auto file = base::read_foreign_file(path);
  if (!file) return tl::make_unexpected(file.error().message);
  return std::move(file->text);
}

}  // namespace shstore::record
