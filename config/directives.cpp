#include "config/directives.h"

#include <algorithm>

#include "config/spelling.h"

namespace shstore::config {
namespace {

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

/// "TLS Allowed CN" -> "TlsAllowedCn"
std::string camel_case(std::string_view name) {
  std::string result;
  bool is_first = true;
  for (const char c : name) {
    if (c != ' ') result += is_first == is_upper(c) ? c : static_cast<char>(c ^ 0x20);
    is_first = c == ' ';
  }
  return result;
}

}  // namespace

std::string shown_name(const DirectiveInfo& row) {
  if (row.shown == "-") return {};
  return row.shown.empty() ? camel_case(row.name) : std::string(row.shown);
}

std::vector<std::string_view> keywords_of(std::string_view keywords) {
  std::vector<std::string_view> result = split(keywords);
  for (std::string_view& word : result) word = word.substr(0, word.find(':'));
  return result;
}

int keyword_since(std::string_view keywords, std::string_view word) {
  while (!keywords.empty()) {
    const size_t end = std::min(keywords.find(' '), keywords.size());
    const std::string_view entry = keywords.substr(0, end);
    keywords.remove_prefix(std::min(end + 1, keywords.size()));
    const size_t colon = entry.find(':');
    if (!equal_ignoring_case(entry.substr(0, colon), word)) continue;
    if (colon == std::string_view::npos) return 9;
    int version = 0;
    for (const char c : entry.substr(colon + 1)) version = version * 10 + (c - '0');
    return version;
  }
  return 0;
}

std::span<const DirectiveInfo> all_directives() { return sd_directives().rows(); }

std::span<const std::string_view> resource_types() { return sd_directives().types(); }

std::string_view find_resource_type(std::string_view written) { return sd_directives().find_type(written); }

std::span<const DirectiveInfo> directives_of(std::string_view resource) { return sd_directives().of(resource); }

const DirectiveInfo* find_directive(std::string_view resource, std::string_view name) {
  return sd_directives().find(resource, name);
}

}  // namespace shstore::config
