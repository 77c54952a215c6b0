#include "config/shared/device_codes.h"

namespace shstore::config {
namespace {

std::optional<std::string> value_of(char code, const DeviceCodes& codes) {
  const auto or_none = [](const std::optional<std::string>& text) { return text.value_or("*None*"); };
  switch (code) {
    case '%': return "%";
    case 'a': return codes.archive_device;
    case 'c': return or_none(codes.changer_device);
    case 'd': return std::to_string(codes.drive_index);
    case 'f': return or_none(codes.client);
    case 'j': return or_none(codes.job);
    case 'l': return or_none(codes.control_device);
    case 'o': return or_none(codes.operation);
    case 's': return std::to_string(codes.slot - 1);
    case 'S': return std::to_string(codes.slot);
    case 'v': return or_none(codes.volume);
    default: return std::nullopt;
  }
}

}  // namespace

std::string expand_codes(std::string_view word, const DeviceCodes& codes) {
  std::string expanded;
  for (size_t i = 0; i < word.size(); ++i) {
    const bool begins_code = word[i] == '%' && i + 1 < word.size();
    if (!begins_code) {
      expanded += word[i];
      continue;
    }
    const char code = word[++i];
    expanded += value_of(code, codes).value_or(std::string{'%', code});
  }
  return expanded;
}

std::vector<std::string> expand_codes(const std::vector<std::string>& words, const DeviceCodes& codes) {
  std::vector<std::string> expanded;
  for (const auto& word : words) expanded.push_back(expand_codes(word, codes));
  return expanded;
}

}  // namespace shstore::config
