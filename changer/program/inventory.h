// What `inventory` and --json print: which element is which drive and which slot, and where every tape is. No I/O.
#pragma once

#include <string>

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

/// One object: schema, changer, drives, slots; null for what is not known.
std::string inventory_json(const std::string& device, const RobotIdentity& robot, const Library& library,
                           const config::SdConfig& sd);

}  // namespace shstore::changer::program
