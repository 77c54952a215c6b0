// Snapshots of the white paper's host "cibou" with its drive in each state that there is.
#pragma once

#include <string>
#include <vector>

#include "status/look/snapshot.h"

namespace shstore::tests {

struct StateSample {
  std::string file;  ///< of the transcript: state_<file>.txt
  std::string word;  ///< of the condition
  status::SdSnapshot snapshot;
  std::string test_name() const;  ///< letters and digits only
};

/// The moment at which all of them were taken: 2026-11-22 11:10:00 UTC.
record::WallTime sample_time();

/// Nobody holds the drive; the plugin runs. dir's key has its name.
status::SdSnapshot free_drive();

std::vector<StateSample> state_samples();
/// One of them, by the name of its file.
status::SdSnapshot sample(const std::string& file);

}  // namespace shstore::tests
