// LOG SENSE of a tape drive: pages 00h, 0Ch (sequential-access device), 11h (DT device status), 2Eh (TapeAlert).
#pragma once
#include <bitset>
#include <cstdint>
#include <optional>
#include <vector>

namespace relay {

struct LogState {
  uint64_t bytes_written = 0, bytes_read = 0;
  std::bitset<65> alerts;  // TapeAlert flags 1 to 64
  bool has_medium = false, is_mounted = false, is_calibrating = false;
};

// The whole page; nullopt if there is none with that code.
std::optional<std::vector<uint8_t>> log_page(uint8_t code, const LogState& state);
// 2Eh is cleared by reading: those flags that are in the first `bytes` of it.
void clear_alerts_read(LogState& state, size_t bytes);

}  // namespace relay
