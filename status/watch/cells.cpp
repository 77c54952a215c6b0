#include "status/watch/cells.h"

namespace shstore::status::watch {
namespace {

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// Bytes of the first `count` characters.
size_t bytes_of(std::string_view text, size_t count) {
  size_t at = 0;
  for (; at < text.size(); ++at) {
    if (continues(text[at])) continue;
    if (count == 0) break;
    --count;
  }
  return at;
}

}  // namespace

size_t columns_of(std::string_view text) {
  size_t count = 0;
  for (const char c : text) count += continues(c) ? 0 : 1;
  return count;
}

std::string cut(std::string_view text, size_t width) {
  if (columns_of(text) <= width) return std::string(text);
  if (width == 0) return {};
  return std::string(text.substr(0, bytes_of(text, width - 1))) + '>';
}

std::string fitted(std::string_view text, size_t width) {
  auto cell = cut(text, width);
  cell.append(width - columns_of(cell), ' ');
  return cell;
}

}  // namespace shstore::status::watch
