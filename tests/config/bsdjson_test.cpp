// Holds what is loaded against Debian's bsdjson, which has Bacula's own parser. SHSTORE_BSDJSON names the
// program; LD_LIBRARY_PATH must let it find Bacula's libraries.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "loading.h"

namespace shstore::config::testing {
namespace {

using nlohmann::json;

/// The program's answer as a list, or null if it refuses the file.
json ask(const std::string& program, const std::string& type, const std::string& path) {
  const std::string command = fmt::format("'{}' -D -r {} -c '{}' </dev/null 2>/dev/null", program, type, path);
  FILE* const pipe = ::popen(command.c_str(), "r");
  if (!pipe) return nullptr;
  std::string text;
  std::array<char, 4096> buffer{};
  for (size_t n = 0; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) text.append(buffer.data(), n);
  if (::pclose(pipe) != 0) return nullptr;
  json answer = json::parse(text, nullptr, false);
  return answer.is_object() ? json::array({answer}) : answer;
}

/// Only what is given, as bsdjson does it.
template <class T>
void put(json& into, const char* name, const Value<T>& value) {
  if (value.given) into[name] = *value;
}

json to_json(const SdDevice& device) {
  json result = json::object();
  put(result, "Name", device.name);
  put(result, "MediaType", device.media_type);
  put(result, "ArchiveDevice", device.archive_device);
  put(result, "ControlDevice", device.control_device);
  put(result, "LockCommand", device.lock_command);
  put(result, "SpoolDirectory", device.spool_directory);
  put(result, "DriveIndex", device.drive_index);
  put(result, "AlwaysOpen", device.always_open);
  put(result, "Autochanger", device.autochanger);
  put(result, "AutomaticMount", device.automatic_mount);
  put(result, "RemovableMedia", device.removable_media);
  put(result, "AutoSelect", device.auto_select);
  put(result, "MaximumChangerWait", device.maximum_changer_wait);
  put(result, "MaximumOpenWait", device.maximum_open_wait);
  put(result, "VolumePollInterval", device.volume_poll_interval);
  return result;
}

json to_json(const SdAutochanger& changer) {
  json result = json::object();
  put(result, "Name", changer.name);
  put(result, "ChangerDevice", changer.changer_device);
  put(result, "ChangerCommand", changer.changer_command);
  put(result, "LockCommand", changer.lock_command);
  for (const TextValue& device : changer.devices) result["Device"].push_back(*device);
  return result;
}

json to_json(const SdDirector& director) {
  json result = json::object();
  put(result, "Name", director.name);
  put(result, "Password", director.password);
  put(result, "Monitor", director.monitor);
  return result;
}

/// Each of ours is among theirs with the same values; theirs may have directives that SdConfig does not type.
template <class T>
void expect_same(const std::vector<T>& ours, const json& theirs) {
  ASSERT_TRUE(theirs.is_array());
  EXPECT_EQ(ours.size(), theirs.size());
  for (const T& resource : ours) {
    json expected;
    for (const json& candidate : theirs) {
      if (candidate.value("Name", "") == *resource.name) expected = candidate;
    }
    const json actual = to_json(resource);
    for (const auto& [name, value] : actual.items()) EXPECT_EQ(value, expected.value(name, json())) << name;
  }
}

TEST(Bsdjson, AgreesOnTheSamples) {
  const char* const program = std::getenv("SHSTORE_BSDJSON");
  if (!program || !*program) GTEST_SKIP() << "SHSTORE_BSDJSON does not name Debian's bsdjson";
  for (const std::string name : {"cibou.conf", "dir.conf", "every_rule.conf"}) {
    SCOPED_TRACE(name);
    const std::string path = std::string(SHSTORE_SAMPLES) + "/" + name;
    const auto reader = disk_reader();
    const SdConfig config = load_sd_config(path, *reader);
    expect_same(config.devices, ask(program, "Device", path));
    expect_same(config.autochangers, ask(program, "Autochanger", path));
    expect_same(config.directors, ask(program, "Director", path));
  }
}

}  // namespace
}  // namespace shstore::config::testing
