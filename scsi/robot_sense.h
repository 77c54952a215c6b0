// What a library's refusal of a move means: one row for each sense code that somebody documents. No I/O.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "scsi/sense.h"

namespace shstore::scsi {

/// Why the robot did not move. Everything here is an answer, not an error: nothing was moved.
enum class MoveResult {
  done,
  reservation_conflict,  ///< another host has reserved the robot
  destination_full,
  source_empty,
  invalid_address,     ///< there is no such element
  not_ready,           ///< it takes stock, cleans a drive, starts up, ...: this passes by itself
  needs_operator,      ///< sequential mode, door open, offline, ...: this does not pass by waiting
  removal_prevented,   ///< a host has locked the medium into the drive (PREVENT ALLOW MEDIUM REMOVAL)
  drive_not_unloaded,  ///< the source is a drive that has not let go of its medium: LOAD UNLOAD helps
  magazine_missing,    ///< the slot's magazine is out of the library or cannot be reached
  element_disabled,
  arm_full,      ///< the robot has a medium in its hand
  wrong_medium,  ///< a cleaning cartridge that is used up, a cartridge of another partition or generation
};

struct RobotSense {
  std::optional<SenseKey> key;  ///< nothing: under whatever sense key
  uint16_t code;                ///< asc << 8 | ascq
  MoveResult result;
  std::string_view sentence;  ///< for the administrator
  std::string_view source;    ///< who says so
};

std::span<const RobotSense> robot_sense_table();

/// The row of `sense`; one with its key before one for every key. A Not Ready that no row knows passes by itself, as
/// far as anybody can tell. Nothing: no refusal that is known.
std::optional<RobotSense> find_robot_sense(const Sense& sense);

}  // namespace shstore::scsi
