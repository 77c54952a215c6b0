#include "config/command_words.h"

#include <algorithm>

namespace shstore::config {

std::vector<std::string> command_words(std::string_view command) {
  std::vector<std::string> words;
  for (size_t at = 0; words.size() < kMostCommandWords;) {
    at = command.find_first_not_of(" \t", at);
    if (at == command.npos) break;
    const bool quoted = command[at] == '"' || command[at] == '\'';
    const char closing = quoted ? command[at++] : ' ';
    if (at == command.size()) break;
    const auto end = std::min(command.find(closing, at), command.size());
    words.emplace_back(command.substr(at, end - at));
    at = std::min(end + 1, command.size());
  }
  return words;
}

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

bool runs_program(const std::vector<std::string>& words, std::string_view program) {
  return std::any_of(words.begin(), words.end(), [&](const std::string& word) { return base_name(word) == program; });
}

bool has_code(std::string_view text, char code) {
  for (size_t i = 0; i + 1 < text.size(); ++i) {
    if (text[i] != '%') continue;
    if (text[++i] == code) return true;
  }
  return false;
}

}  // namespace shstore::config
