#include "config/host_name.h"

namespace shstore::config {

std::string host_key(std::string_view written) {
  std::string key;
  for (const char c : written) key += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (key.ends_with('.')) key.pop_back();
  return key == "localhost" || key == "::1" ? "127.0.0.1" : key;
}

bool is_numeric_host(std::string_view key) {
  return key.find(':') != std::string_view::npos || key.find_first_not_of("0123456789.") == std::string_view::npos;
}

std::string_view short_host_name(std::string_view key) {
  const size_t dot = key.find('.');
  return is_numeric_host(key) || dot == std::string_view::npos ? std::string_view() : key.substr(0, dot);
}

bool is_same_host(std::string_view a, std::string_view b) {
  const std::string left = host_key(a), right = host_key(b);
  if (left.empty() || right.empty()) return false;
  return left == right || short_host_name(left) == right || left == short_host_name(right);
}

}  // namespace shstore::config
