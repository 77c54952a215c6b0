// What the relays of one library tell each other: which cartridge the robot has put into which drive. It outlives them, as a
// cartridge stays in a drive that loses its power.
#pragma once
#include <atomic>
#include <cstdint>

namespace relay {

struct Bay {
  std::atomic<uint32_t> loads;                // counts; each brings the tape to its beginning
  std::atomic<uint32_t> calibration_seconds;  // how long the drive is not ready after a load
  std::atomic<int64_t> ready_at;              // CLOCK_MONOTONIC, ms
  char barcode[33];                           // "": none. Written before `loads` counts up

  bool is_calibrating() const;
  void begin_calibration();
};
constexpr unsigned kDrives = 2;

// One for each drive, shared by all relays. Throws std::runtime_error.
Bay* open_bays();

}  // namespace relay
