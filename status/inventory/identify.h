// What devices say of themselves when they are asked.
//
// INQUIRY only, and for a changer MODE SENSE and READ ELEMENT STATUS: nothing changes, no reservation refuses them but an
// old one of a changer, and INQUIRY takes no unit attention from the plugin.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "scsi/transport.h"
#include "status/inventory/scsi_device.h"

namespace shstore::status::inventory {

using Open = std::function<scsi::Result<std::unique_ptr<scsi::Transport>>(const std::string& path)>;

struct Answer {
  Identity identity;
  std::vector<std::string> problems;  ///< what it should have told and did not, and why
  std::vector<std::string> notes;     ///< what devices of its kind need not tell, and it does not
};

/// One answer for each path, in that order. Asked by ask_all(): see there what is left behind; `open` is called on many
/// threads.
std::vector<Answer> identify(const std::vector<std::string>& paths, std::chrono::milliseconds deadline,
                             const Open& open = scsi::open_transport,
                             const std::function<void(size_t answered)>& progress = {});

}  // namespace shstore::status::inventory
