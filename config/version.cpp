#include "config/version.h"

#include <algorithm>

namespace shstore::config {

std::string to_text(int version) { return version == 9 ? "9.6" : std::to_string(version); }

std::optional<int> version_of(std::string_view written) {
  const auto is_part = [](char c) { return (c >= '0' && c <= '9') || c == '.'; };
  if (written.empty() || written.size() > 12 || !std::all_of(written.begin(), written.end(), is_part))
    return std::nullopt;
  int major = 0;
  for (const char c : written.substr(0, std::min<size_t>(written.find('.'), 4))) major = major * 10 + (c - '0');
  for (const int known : {15, 13, 11, 9}) {
    if (major >= known) return known;
  }
  return std::nullopt;
}

std::string_view text_of_library(std::string_view file_name) {
  constexpr std::string_view kBegin = "libbacsd-", kEnd = ".so";
  if (!file_name.starts_with(kBegin) || !file_name.ends_with(kEnd) || file_name.size() <= kBegin.size() + kEnd.size())
    return {};
  const auto text = file_name.substr(kBegin.size(), file_name.size() - kBegin.size() - kEnd.size());
  return version_of(text) ? text : std::string_view();
}

std::optional<int> version_of_library(std::string_view file_name) { return version_of(text_of_library(file_name)); }

bool accepts(int version, const VersionBound& bound) {
  return version >= bound.since && (bound.gone == 0 || version < bound.gone);
}

}  // namespace shstore::config
