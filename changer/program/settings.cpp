#include "changer/program/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "changer/readiness.h"
#include "scsi/settings_file.h"

namespace shstore::changer::program {
namespace {

using scsi::Result;

constexpr unsigned kLongest = 24 * 3600;

struct Row {
  std::string_view name;
  Result<void> (*set)(const scsi::Setting&, Settings&);
};

template <bool Settings::*Member>
Result<void> flag(const scsi::Setting& s, Settings& into) {
  return setting_number(s, 1).map([&](unsigned n) { into.*Member = n != 0; });
}

template <std::chrono::seconds Settings::*Member>
Result<void> seconds(const scsi::Setting& s, Settings& into) {
  return setting_number(s, kLongest).map([&](unsigned n) { into.*Member = std::chrono::seconds(n); });
}

template <std::string Settings::*Member>
Result<void> text(const scsi::Setting& s, Settings& into) {
  into.*Member = s.value;
  return {};
}

Result<void> ready_wait(const scsi::Setting& s, Settings& into) {
  into.ready_wait_given = true;
  return seconds<&Settings::ready_wait>(s, into);
}

// "identity=required" or "identity=checked"
Result<void> identity(const scsi::Setting& s, Settings& into) {
  if (s.value != "required" && s.value != "checked") {
    return scsi::fail(scsi::Error::Kind::config,
                      fmt::format("\"{}\" is neither \"checked\" nor \"required\"", s.value));
  }
  into.identity_required = s.value == "required";
  return {};
}

constexpr std::array kRows = {
    Row{"sd", text<&Settings::sd>},
    Row{"offline", flag<&Settings::offline>},
    Row{"offline_sleep", seconds<&Settings::offline_sleep>},
    Row{"load_sleep", seconds<&Settings::load_sleep>},
    Row{"ready_wait", ready_wait},
    Row{"robot_wait", seconds<&Settings::robot_wait>},
    Row{"drive_wait", seconds<&Settings::drive_wait>},
    Row{"identity", identity},
    Row{"auto_clean", flag<&Settings::auto_clean>},
    Row{"clean_prefix", text<&Settings::clean_prefix>},
    Row{"clean_wait", seconds<&Settings::clean_wait>},
    Row{"inventory", flag<&Settings::inventory>},
    Row{"log", text<&Settings::log>},
    Row{"via", text<&Settings::via>},
    Row{"via_wait", seconds<&Settings::via_wait>},
};

}  // namespace

std::chrono::seconds ready_wait_for(const Settings& settings, const std::string& product) {
  constexpr std::chrono::seconds kCalibration{2 * 3600 + 300};
  const bool longer = !settings.ready_wait_given && calibrates(product);
  return longer ? kCalibration : settings.ready_wait;
}

Result<Settings> parse_settings(std::string_view text, const std::string& file) {
  const auto lines = scsi::parse_settings(text, file);
  if (!lines) return tl::make_unexpected(lines.error());
  Settings settings;
  for (const auto& line : *lines) {
    const auto* row = std::find_if(kRows.begin(), kRows.end(), [&](const Row& r) { return r.name == line.name; });
    if (row == kRows.end()) {
      settings.unknown.push_back(fmt::format("{} at line {}", line.name, line.line));
    } else if (const auto set = row->set(line, settings); !set) {
      return scsi::fail(scsi::Error::Kind::config, fmt::format("{}:{}: {}", file, line.line, set.error().message));
    }
  }
  return settings;
}

Result<Settings> load_settings(const std::string& path, bool may_be_missing) {
  std::error_code error;
  if (may_be_missing && !std::filesystem::exists(path, error) && !error) return Settings{};
  return scsi::read_settings_file(path).and_then([&](const std::string& text) { return parse_settings(text, path); });
}

}  // namespace shstore::changer::program
