// bacula-sd.conf as typed values: what the plugin, shstore-status and the linter work with.
// Source of names, types and defaults: bacula 9.6.7 stored/stored_conf.c.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/document.h"
#include "config/name_index.h"
#include "config/reading.h"
#include "config/sources.h"
#include "config/value.h"

namespace shstore::config {

/// A million of them must find room, so that only what somebody asks for is here.
struct SdDevice {
  Location at;   ///< the resource type's name
  Location end;  ///< the closing brace
  TextValue name, media_type, archive_device, control_device, lock_command;
  TextValue changer_device, changer_command, alert_command, spool_directory;
  TextValue device_type;  ///< as written ("Tape", "Vtape", "File", ...); empty: bacula-sd guesses from the path
  Value<uint32_t> drive_index, maximum_concurrent_jobs;
  Value<bool> always_open{true}, autochanger, automatic_mount, removable_media{true}, auto_select{true}, enabled{true},
      read_only, label_media, random_access, offline_on_unmount;
  Value<uint64_t> maximum_changer_wait{300}, maximum_open_wait{300}, volume_poll_interval{300};  ///< seconds
  Value<uint64_t> maximum_block_size;  ///< bytes; not given or 0: 64512 (stored/dev.h)
};
static_assert(sizeof(SdDevice) <= 576);

struct SdAutochanger {
  Location at, end;
  TextValue name, description, changer_device, changer_command, lock_command;
  std::vector<TextValue> devices;  ///< names of Device resources
};

struct SdStorage {
  Location at, end;
  TextValue name, description, working_directory, pid_directory, plugin_directory, scripts_directory;
  Value<uint32_t> maximum_concurrent_jobs{20};
  Value<uint32_t> sd_port{9103};  ///< from SDPort, or the first port of SDAddresses
  std::vector<TextValue> sd_addresses;
};

struct SdDirector {
  Location at, end;
  TextValue name, description, password;
  Value<bool> monitor;
};

struct SdMessages {
  Location at;
  TextValue name;
  std::vector<Directive> destinations;  ///< `director = x = all, !skipped` and the like, kept as written
};

struct SdConfig {
  std::vector<std::string> files;          ///< paths, for Location::file
  std::shared_ptr<const Sources> sources;  ///< texts, for Location::file; nullptr if nothing was loaded
  std::optional<SdStorage> storage;
  std::vector<SdDirector> directors;
  std::vector<SdDevice> devices;
  std::vector<SdAutochanger> autochangers;
  std::vector<SdMessages> messages;
  std::vector<UnknownDirective> unknown;
  std::vector<Block> other_resources;   ///< Cloud, Statistics, Dedupengine, and types that no table knows
  std::vector<VersionBound> bound;      ///< what not every version of Bacula accepts, besides `unknown`
  std::vector<Diagnostic> diagnostics;  ///< lexer, grammar and value findings, in the order of the text

  /// Quick only if index() was called after the last change of names and lists of devices, as load_sd_config() does.
  /// Then a name that was changed since is not found.
  const SdDevice* find_device(std::string_view name) const;
  /// The Autochanger that lists this device, or nullptr. As quick as find_device().
  const SdAutochanger* changer_of(const SdDevice& device) const;
  /// The Device's Lock Command, else its Autochanger's (bacula 11+ copies it, stored/autochanger.c); empty if
  /// none.
  std::string_view effective_lock_command(const SdDevice& device) const;
  bool has_errors() const;

  void index();

 private:
  struct Member {
    uint32_t changer = 0, device = 0;  ///< autochangers[changer].devices[device]
  };
  std::string_view name_of(const Member& member) const { return *autochangers[member.changer].devices[member.device]; }

  NameIndex devices_by_name_, members_by_name_;
  std::vector<Member> members_;  ///< of all Autochangers
  size_t indexed_changers_ = 0;
};

/// Reads `path` and its `@file` includes, and the output of `@|command` if the options allow it.
/// Never throws and never stops at the first problem: a broken resource does not hide the next one.
/// What bacula-sd 9.6.7 refuses is an error, except: a directive or resource type that no table knows (a
/// newer Bacula may know it), a resource type that is missing altogether (the file may be a fragment), and
/// whatever a `@|command` that was left out might have supplied. Those are warnings.
///
/// Time and memory are proportional to the length of the texts; LoadOptions::limits bound both.
SdConfig load_sd_config(const std::string& path, FileReader& reader, const LoadOptions& options = {});

}  // namespace shstore::config
