#include "reserve/record/history_file.h"

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

namespace shstore::record {

std::string history_path(const std::string& working_directory, const std::string& sd_name) {
  return working_directory + '/' + sd_name + ".shstore.history";
}

tl::expected<std::string, std::string> read_history_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return tl::make_unexpected("cannot read " + path + ": " + std::generic_category().message(errno));
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (in.bad()) return tl::make_unexpected("cannot read " + path);
  return text;
}

}  // namespace shstore::record
