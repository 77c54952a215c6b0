#include "scsi/robot_sense.h"

#include <array>

namespace shstore::scsi {
namespace {

using R = MoveResult;

// Codes from 80h on are the vendors' own, and so are the qualifiers from 80h on. Where two vendors mean different things by
// one code, the sentence has both.
constexpr auto kNotReady = SenseKey::not_ready;
constexpr auto kIllegal = SenseKey::illegal_request;
constexpr const char* kLetGo = "the drive has not let go of its tape";

constexpr std::array kRobotSenses = {
    // ---- passes by itself
    RobotSense{kNotReady, 0x0400, R::not_ready, "it does not say why", "SPC-4"},
    RobotSense{kNotReady, 0x0401, R::not_ready, "it is starting up or taking stock", "SPC-4; Quantum SuperLoader 3"},
    RobotSense{kNotReady, 0x0407, R::not_ready, "it is still busy with something else", "SPC-4; Dell TL2000"},
    RobotSense{kNotReady, 0x0409, R::not_ready, "it is testing itself", "SPC-4"},
    RobotSense{kNotReady, 0x041a, R::not_ready, "it is being started or stopped", "SPC-4"},
    RobotSense{kNotReady, 0x0485, R::not_ready, "it is loading new firmware", "Dell TL2000"},
    RobotSense{kNotReady, 0x0488, R::not_ready, "the drive is busy", "Dell TL2000"},
    RobotSense{kNotReady, 0x3003, R::not_ready, "a drive is being cleaned", "Oracle SL150; Dell TL2000"},
    RobotSense{kNotReady, 0x3e00, R::not_ready, "it has not configured itself yet", "SPC-4"},
    RobotSense{kNotReady, 0x8005, R::not_ready, "it is being reprogrammed", "IBM TS3400"},
    // ---- waiting does not help
    RobotSense{
        kNotReady, 0x0402, R::needs_operator,
        "it wants to take stock first: its panel, or \"inventory=1\" in shstore-changer.conf for one \"list\", lets it",
        "SPC-4; HP ESL E"},
    RobotSense{
        kNotReady, 0x0403, R::needs_operator,
        "it waits for somebody to intervene: its panel says what is wrong (a magazine that is not there, a tape that "
        "hangs)",
        "SPC-4; Quantum SuperLoader 3"},
    RobotSense{kNotReady, 0x0412, R::needs_operator, "it is offline: set it online at its panel",
               "SPC-4; Oracle SL150"},
    RobotSense{kNotReady, 0x0422, R::needs_operator, "it must be switched off and on", "SPC-4"},
    RobotSense{kNotReady, 0x0483, R::needs_operator, "a door is open: close it",
               "Exabyte Magnum; HP N1525A; Dell TL2000"},
    RobotSense{kNotReady, 0x0487, R::needs_operator, "the drive is switched off in the library: enable it at its panel",
               "Dell TL2000"},
    RobotSense{
        kNotReady, 0x0489, R::needs_operator,
        "it is in console mode (under the control of its management program; on Dell TL2000: the drive is not empty)",
        "Exabyte Magnum; Dell TL2000"},
    RobotSense{kNotReady, 0x048d, R::needs_operator,
               "it is in key mode: somebody works at its panel and must leave that first", "Exabyte Magnum; HP N1525A"},
    RobotSense{kNotReady, 0x048e, R::needs_operator, "it is in sequential mode: switch it to random mode at its panel",
               "Exabyte Magnum; Dell TL2000; HP N1525A"},
    RobotSense{kNotReady, 0x049a, R::needs_operator, "the drive's Fibre Channel link is down", "Dell TL2000"},
    RobotSense{kNotReady, 0x3a02, R::needs_operator, "a tray is open: close it", "IBM TS3400; SPC-4"},
    RobotSense{kNotReady, 0x3b11, R::magazine_missing, "the magazine cannot be reached", "SPC-4"},
    RobotSense{kNotReady, 0x3b12, R::magazine_missing, "the magazine is not in the library", "SPC-4; Dell TL2000"},
    RobotSense{kNotReady, 0x8000, R::needs_operator, "a door is open: close it", "HP ESL E"},
    RobotSense{kNotReady, 0x8100, R::needs_operator, "a door is open: close it", "IBM TS4500"},
    // ---- the drive has not let go
    RobotSense{{}, 0x3a00, R::drive_not_unloaded, kLetGo, "Oracle SL4000; Quantum DX"},
    RobotSense{{}, 0x3b83, R::drive_not_unloaded, kLetGo, "IBM TS3400"},
    RobotSense{{}, 0x3b87, R::drive_not_unloaded, kLetGo, "Exabyte Magnum, table 11-5 (stuck in the drive)"},
    RobotSense{{}, 0x3b90, R::drive_not_unloaded, kLetGo, "Exabyte Magnum, Quantum LTO-2U, table 11-5"},
    RobotSense{{}, 0x4481, R::drive_not_unloaded, kLetGo, "Dell TL2000 (source not ready)"},
    RobotSense{{}, 0x5300, R::drive_not_unloaded, kLetGo, "SPC-4; Exabyte Magnum, table 11-5"},
    RobotSense{{}, 0x5301, R::drive_not_unloaded, kLetGo, "SPC-4; Quantum SuperLoader 3, Scalar"},
    // ---- the rest
    RobotSense{{}, 0x5302, R::removal_prevented, "a host has locked the tape in", "SPC-4"},
    RobotSense{{}, 0x5303, R::removal_prevented, "a host has locked the tape into the drive", "SPC-4; Dell TL2000"},
    RobotSense{kIllegal, 0x2101, R::invalid_address, "there is no such element", "SPC-4"},
    RobotSense{kIllegal, 0x3b0d, R::destination_full, "the destination is full", "SPC-4"},
    RobotSense{kIllegal, 0x3b0e, R::source_empty, "the source is empty", "SPC-4"},
    RobotSense{kIllegal, 0x3b11, R::magazine_missing, "the magazine cannot be reached", "SPC-4"},
    RobotSense{kIllegal, 0x3b12, R::magazine_missing, "the magazine is not in the library", "SPC-4"},
    RobotSense{kIllegal, 0x3b18, R::element_disabled, "the element is disabled", "SPC-4"},
    RobotSense{kIllegal, 0x3b81, R::wrong_medium, "the cartridge belongs to another partition of the library",
               "Dell TL2000"},
    RobotSense{kIllegal, 0x3ba0, R::arm_full, "the robot has a tape in its hand", "Dell TL2000"},
    RobotSense{kIllegal, 0x3000, R::wrong_medium, "the cartridge does not fit the drive", "SPC-4; IBM TS3400"},
    RobotSense{kIllegal, 0x8005, R::element_disabled, "there is no drive at the source", "Exabyte Magnum, table 11-5"},
    RobotSense{kIllegal, 0x8006, R::element_disabled, "there is no drive at the destination",
               "Exabyte Magnum, table 11-5"},
    RobotSense{{}, 0x3013, R::wrong_medium, "the cleaning cartridge is used up", "Oracle SL150"},
};

}  // namespace

std::span<const RobotSense> robot_sense_table() { return kRobotSenses; }

std::optional<RobotSense> find_robot_sense(const Sense& sense) {
  const RobotSense* any = nullptr;
  for (const auto& row : kRobotSenses) {
    if (row.code != asc_ascq(sense)) continue;
    if (row.key == sense.key) return row;
    if (!row.key) any = &row;
  }
  if (any != nullptr) return *any;
  if (sense.key != SenseKey::not_ready) return std::nullopt;
  return RobotSense{kNotReady, asc_ascq(sense), R::not_ready, "it does not say why in words that are known", ""};
}

}  // namespace shstore::scsi
