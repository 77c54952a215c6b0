#include "reserve/record/confirmed.h"

#include <algorithm>
#include <array>

#include "scsi/base/foreign_file.h"
#include "scsi/base/output_file.h"

namespace shstore::record {
namespace {

constexpr size_t kLongestFile = 1 << 20;
constexpr mode_t kConfirmedMode = 0644;  // root writes it, the daemon's user reads it

bool can_be_written(const std::string& text) { return text.find_first_of("\t\n") == std::string::npos; }

}  // namespace

std::string confirmed_path(const std::string& state_path) {
  constexpr std::string_view kEnd = ".json";
  const bool ends = state_path.ends_with(kEnd);
  return state_path.substr(0, state_path.size() - (ends ? kEnd.size() : 0)) + ".confirmed";
}

std::vector<Confirmed> parse_confirmed(std::string_view text) {
  std::vector<Confirmed> all;
  while (!text.empty()) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    std::array<std::string, 3> fields;
    size_t n = 0;
    for (; n < fields.size(); ++n) {
      const auto tab = line.find('\t');
      fields[n] = std::string(line.substr(0, tab));
      if (tab == std::string_view::npos) break;
      line.remove_prefix(tab + 1);
    }
    if (n == 2 && !fields[0].empty()) all.push_back({fields[0], fields[1], fields[2]});
  }
  return all;
}

std::string to_text(const std::vector<Confirmed>& all) {
  std::string text;
  for (const auto& c : all) text += c.control_device + '\t' + c.serial + '\t' + c.designator + '\n';
  return text;
}

std::vector<Confirmed> read_confirmed(const std::string& path) {
  const auto file = base::read_foreign_file(path, {.largest = kLongestFile});
  return file ? parse_confirmed(file->text) : std::vector<Confirmed>{};
}

tl::expected<void, std::string> write_confirmed(const std::string& path, const Confirmed& one) {
  if (!can_be_written(one.control_device + one.serial + one.designator)) {
    return tl::make_unexpected(std::string("a name with a tab or a line end in it cannot be written down"));
  }
  auto all = read_confirmed(path);
  std::erase_if(all, [&](const auto& c) { return c.control_device == one.control_device; });
  all.push_back(one);
  return base::replace_file(path, to_text(all), kConfirmedMode);
}

}  // namespace shstore::record
