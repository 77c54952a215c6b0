#include "reserve/record/history_file.h"

#include "scsi/base/foreign_file.h"
#include "scsi/base/printable.h"

namespace shstore::record {

std::string history_path(const std::string& working_directory, const std::string& sd_name) {
  return working_directory + '/' + sd_name + ".shstore.history";
}

tl::expected<std::string, std::string> read_history_text(const std::string& path) {
  auto file = base::read_foreign_file(path);
  if (!file) return tl::make_unexpected(file.error().message);
  if (base::may_be_a_strangers(path, file->owner)) {
    return tl::make_unexpected(base::printable(path) +
                               " is not believed: it belongs to another user, and everybody may write to its folder");
  }
  return std::move(file->text);
}

}  // namespace shstore::record
