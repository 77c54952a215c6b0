#include "config/changer_text.h"

#include <array>
#include <charconv>
#include <utility>

#include "config/letters.h"

namespace shstore::config {
namespace {

constexpr std::string_view kBlanks = " \t\r\"'";

std::string_view trim(std::string_view text) { return trimmed(text, kBlanks); }

void take(std::string_view line, uint32_t number, ChangerText& into) {
  const std::array<std::pair<std::string_view, Value<uint64_t>*>, 2> settings = {
      {{"auto_clean", &into.auto_clean}, {"clean_wait", &into.clean_wait}}};
  const size_t equals = line.find('=');
  if (equals == std::string_view::npos) return;
  const auto name = trim(line.substr(0, equals));
  const auto written = trim(line.substr(equals + 1, line.find('#') - equals - 1));
  for (const auto& [known, value] : settings) {
    uint64_t seconds = 0;
    const auto* end = written.data() + written.size();
    const auto parsed = std::from_chars(written.data(), end, seconds);
    if (name != known || written.empty() || parsed.ec != std::errc{} || parsed.ptr != end) continue;
    const auto column = [&](std::string_view part) { return static_cast<uint32_t>(part.data() - line.data() + 1); };
    *value = {seconds,
              Written({0, number, column(written)}, {0, number, column(name)}, static_cast<uint32_t>(written.size()))};
  }
}

}  // namespace

ChangerText read_changer_text(std::string_view text, const std::string& path) {
  ChangerText result;
  result.path = path;
  for (uint32_t number = 1; !text.empty(); ++number) {
    const size_t end = text.find('\n');
    take(text.substr(0, end), number, result);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return result;
}

}  // namespace shstore::config
