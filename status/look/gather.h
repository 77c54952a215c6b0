// Reading everything that can be known about Storage Daemons of this machine: their configurations, the state
// files of their plugins, their drives, and bacula-sd's own status. The room's edge.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "status/look/bconsole.h"
#include "status/look/snapshot.h"

namespace shstore::status {

/// Which daemons, and how they are asked.
struct Question {
  std::vector<std::string> sd_files;  ///< bacula-sd.conf of each
  /// How long the drives are waited for, all together. Those that seem to contradict their plugin are asked again half a
  /// second later, for at most a second more.
  std::chrono::milliseconds deadline = kLiveDeadline;
  std::string bacula_status;          ///< a file with the output of `status storage`, "-": standard input; empty: none
  BconsoleRequest bconsole;           ///< used if its configuration is not empty; its storage is that of each daemon
  std::vector<std::string> storages;  ///< for bconsole: the Director's Storage of each daemon
};

/// One daemon as found.
struct SdFacts {
  std::string file;
  config::SdConfig config;
  config::SharedDevices shared;
  KnownState state;
  std::vector<LiveLock> live;          ///< one entry per shared device, in that order
  std::string bacula_text;             ///< bacula-sd's own status; empty: not asked
  std::optional<BaculaStatus> bacula;  ///< the same, understood
  std::string bacula_error;            ///< why there is none although it was asked for; all else is as without it
  SdSnapshot snapshot;
};

/// The configuration of one daemon; the error has the reader's messages, as lines without a final newline.
tl::expected<config::SdConfig, std::string> read_sd_config(const std::string& path);

/// One entry per file, in the same order. The drives of all daemons, and bconsole for each, are asked at the same time.
std::vector<tl::expected<SdFacts, Unreadable>> gather(const Question& question);

}  // namespace shstore::status
