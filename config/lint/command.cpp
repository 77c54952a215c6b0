#include "config/lint/command.h"

#include <utility>

namespace shstore::config::lint {

std::vector<std::string> words_of(std::string_view command) {
  std::vector<std::string> words;
  std::string word;
  char quote = 0;
  bool inside = false;
  for (const char c : command) {
    if (quote) {
      if (c == quote)
        quote = 0;
      else
        word += c;
    } else if (c == '"' || c == '\'') {
      quote = c;
      inside = true;
    } else if (c != ' ' && c != '\t' && c != '\n') {
      word += c;
      inside = true;
    } else if (std::exchange(inside, false)) {
      words.push_back(std::exchange(word, {}));
    }
  }
  if (inside) words.push_back(word);
  return words;
}

std::string_view base_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

bool has_code(std::string_view command, char code) {
  for (size_t i = 0; i + 1 < command.size(); ++i) {
    if (command[i] != '%') continue;
    if (command[++i] == code) return true;
  }
  return false;
}

}  // namespace shstore::config::lint
