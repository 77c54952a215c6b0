#include "scsi/settings_file.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "scsi/base/foreign_file.h"
#include "scsi/base/trimmed.h"

namespace shstore::scsi {
namespace {

constexpr size_t kLargestFile = 1 << 20;

bool is_name(std::string_view s) {
  return !s.empty() && s.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") ==
                           std::string_view::npos;
}

Result<std::string> unquote(std::string_view value) {
  if (value.find_first_of("$`") != std::string_view::npos) {
    return fail(Error::Kind::config, "this file is parsed, not sourced by a shell: $ and ` are not expanded");
  }
  const char quote = value.empty() ? '\0' : value.front();
  if (quote == '"' || quote == '\'') {
    const auto end = value.find(quote, 1);
    if (end == std::string_view::npos) return fail(Error::Kind::config, "the closing quote is missing");
    const auto rest = base::trimmed(value.substr(end + 1));
    if (!rest.empty() && rest.front() != '#') {
      return fail(Error::Kind::config, fmt::format("unexpected text after the closing quote: {}", rest));
    }
    return std::string(value.substr(1, end - 1));
  }
  const auto comment = std::min(value.find(" #"), value.find("\t#"));
  const auto bare = base::trimmed(value.substr(0, comment));
  if (bare.find_first_of(" \t;|&<>()") != std::string_view::npos) {
    return fail(Error::Kind::config,
                fmt::format("\"{}\": this file is parsed, not sourced by a shell: one NAME=VALUE on a line", bare));
  }
  return std::string(bare);
}

Result<Setting> parse_line(std::string_view line) {
  const auto equals = line.find('=');
  if (equals == std::string_view::npos || !is_name(line.substr(0, equals))) {
    return fail(Error::Kind::config, fmt::format("\"{}\" is not of the form NAME=VALUE", line));
  }
  return unquote(base::trimmed(line.substr(equals + 1))).map([&](std::string value) {
    return Setting{std::string(line.substr(0, equals)), std::move(value), 0};
  });
}

}  // namespace

Result<std::vector<Setting>> parse_settings(std::string_view text, const std::string& file) {
  std::vector<Setting> settings;
  for (int line_number = 1; !text.empty(); ++line_number) {
    const auto eol = text.find('\n');
    const auto line = base::trimmed(text.substr(0, eol));
    text.remove_prefix(eol == std::string_view::npos ? text.size() : eol + 1);
    if (line.empty() || line.front() == '#') continue;
    auto setting = parse_line(line);
    if (!setting)
      return fail(Error::Kind::config, fmt::format("{}:{}: {}", file, line_number, setting.error().message));
    setting->line = line_number;
    const auto before =
        std::find_if(settings.begin(), settings.end(), [&](const auto& s) { return s.name == setting->name; });
    if (before != settings.end()) {
      return fail(Error::Kind::config,
                  fmt::format("{}:{}: {} is set a second time; the first is in line {}. Which one is meant?", file,
                              line_number, setting->name, before->line));
    }
    settings.push_back(std::move(*setting));
  }
  return settings;
}

Result<unsigned> setting_number(const Setting& s, unsigned largest) {
  unsigned value = 0;
  const auto* end = s.value.data() + s.value.size();
  const auto parsed = std::from_chars(s.value.data(), end, value);
  if (parsed.ec == std::errc{} && parsed.ptr == end && !s.value.empty() && value <= largest) return value;
  return fail(Error::Kind::config, fmt::format("{}={}: not a whole number from 0 to {}", s.name, s.value, largest));
}

Result<std::string> read_settings_file(const std::string& path) {
  const auto read = base::read_foreign_file(path, {.largest = kLargestFile});
  if (!read) {
    const bool denied = read.error().error == EACCES || read.error().error == EPERM;
    return fail(
        Error::Kind::config,
        read.error().message +
            (denied ? fmt::format(". bacula-sd's user reads it by group tape (\"chown root:tape {0}; chmod 640 {0}\"); "
                                  "by hand, try it as root",
                                  path)
                    : ""));
  }
  if ((read->mode & S_IWOTH) == 0) return read->text;
  return fail(Error::Kind::config,
              fmt::format("cannot read {}: every user may write it; \"chmod o-w\" it first", path));
}

}  // namespace shstore::scsi
