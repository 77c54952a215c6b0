#include "status/watch/keys.h"

#include <string_view>

namespace shstore::status::watch {
namespace {

constexpr char kEscape = '\x1b';

Key key_of(char c) {
  switch (c) {
    case 'q':
    case 'Q': return Key::quit;
    case 's': return Key::sort;
    case 'r': return Key::reverse;
    case 'k': return Key::up;
    case 'j': return Key::down;
    case ' ': return Key::refresh;
    case 'h':
    case '?': return Key::help;
    default: return Key::other;
  }
}

// What follows "ESC [" or "ESC O", as xterm, the Linux console and their like send it.
Key key_of(std::string_view sequence) {
  if (sequence == "A") return Key::up;
  if (sequence == "B") return Key::down;
  if (sequence == "5~") return Key::page_up;
  if (sequence == "6~") return Key::page_down;
  if (sequence == "H" || sequence == "1~" || sequence == "7~") return Key::first;
  if (sequence == "F" || sequence == "4~" || sequence == "8~") return Key::last;
  return Key::other;
}

// Of an escape sequence at the start of `bytes`, with the ESC; 0: it is not complete.
size_t sequence_length(std::string_view bytes) {
  if (bytes.size() < 2) return 0;
  if (bytes[1] != '[' && bytes[1] != 'O') return 1;
  for (size_t i = 2; i < bytes.size(); ++i) {
    if (bytes[i] < 0x20 || bytes[i] > 0x7E) return i;  // broken off
    if (bytes[i] >= 0x40) return i + 1;
  }
  return 0;
}

}  // namespace

std::vector<Key> take_keys(std::string& bytes) {
  std::vector<Key> keys;
  std::string_view rest = bytes;
  while (!rest.empty()) {
    size_t length = 1;
    if (rest[0] != kEscape) {
      keys.push_back(key_of(rest[0]));
    } else {
      length = sequence_length(rest);
      if (length == 0) break;
      keys.push_back(length > 2 ? key_of(rest.substr(2, length - 2)) : Key::other);
    }
    rest.remove_prefix(length);
  }
  bytes = std::string(rest);
  return keys;
}

}  // namespace shstore::status::watch
