// What `inventory` and --json print: which element is which drive and which slot, and where every tape is. No I/O.
#pragma once

#include <string>
#include <vector>

#include "changer/library.h"
#include "config/sd_config.h"

namespace shstore::changer::program {

inline constexpr const char* kJsonSchema = "shstore-changer/1";

struct RobotIdentity {
  std::string vendor, product, revision, serial;
};

/// `sd`: to name the Device resource of each drive; those of the Autochanger with that Changer Device, or of every one if none
/// has it.
std::string inventory_text(const std::string& device, const RobotIdentity& robot, const Library& library,
                           const config::SdConfig& sd);

/// What must be known of the library besides: what it told wrongly, a tape in the robot's hand, drives that cannot be told apart.
std::vector<std::string> notes(const Library& library);
/// Elements with an exception, disabled ones, cartridges that hold no data: "slot 2 (element 1026): not yet scanned (83/00)".
std::vector<std::string> element_notes(const Library& library);

/// One object: schema, changer, drives, slots, robots (their hands), notes; null for what is not known.
std::string inventory_json(const std::string& device, const RobotIdentity& robot, const Library& library,
                           const config::SdConfig& sd);

}  // namespace shstore::changer::program
