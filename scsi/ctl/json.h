// What the reading commands print with --json: one object, schema "shstore/1", keys as strings, null for unknown.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scsi/diagnosis.h"
#include "scsi/drive_lock.h"
#include "scsi/inquiry.h"
#include "scsi/persistent_reserve.h"

namespace shstore::scsi::ctl {

inline constexpr const char* kJsonSchema = "shstore/1";

/// One line of `doctor`.
struct Check {
  enum class Verdict { ok, warning, failed } verdict = Verdict::ok;
  std::string name;  ///< stable: "config", "key", "device", ...
  std::string text;
};

std::string query_json(const std::string& device, const StandardInquiry& inquiry, const FullStatus& status);
/// For drives without READ FULL STATUS: the initiators are null.
std::string query_json(const std::string& device, const StandardInquiry& inquiry, const LockState& state);
std::string regkeys_json(const std::string& device, const RegisteredKeys& keys);
std::string wholocked_json(const std::string& device, const ReadReservation& read);
std::string capabilities_json(const std::string& device, const std::optional<Capabilities>& capabilities,
                              bool full_status);
std::string explain_json(const std::string& device, const Diagnosis& diagnosis);
std::string doctor_json(const std::string& device, const std::vector<Check>& checks);

/// The words of Check::Verdict: "ok", "warning", "FAILED".
std::string word(Check::Verdict verdict);

}  // namespace shstore::scsi::ctl
