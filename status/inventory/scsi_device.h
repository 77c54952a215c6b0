// A SCSI device of this host and what is known of it. Plain data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "changer/library.h"
#include "scsi/inquiry.h"

namespace shstore::status::inventory {

/// What a device says of itself. Empty: not known.
struct Identity {
  std::optional<uint8_t> type;  ///< peripheral device type: scsi::kTape, scsi::kMediumChanger, ...
  std::string vendor, product, revision;
  std::string serial;                         ///< INQUIRY page 80h
  std::vector<scsi::Designator> designators;  ///< INQUIRY page 83h
  std::optional<changer::Library> library;    ///< of a changer
};

struct ScsiDevice {
  std::string hctl;                ///< "1:0:0:0"; empty: it is not the kernel's
  std::string control;             ///< the path through which it is asked; empty: there is none
  std::vector<std::string> nodes;  ///< every path that leads to it, `control` too
  Identity identity;
};

/// How to name it in a message: its control device, else its address, else a node.
std::string name_of(const ScsiDevice& device);

}  // namespace shstore::status::inventory
