// Says of a drive that it is the right one, where the plugin remembers another one by its name.
#include <fmt/format.h>

#include <ostream>

#include "reserve/record/confirmed.h"
#include "scsi/ctl/commands.h"
#include "scsi/same_drive.h"

namespace shstore::scsi::ctl {
namespace {

int error(const Context& c, Error::Kind kind, const std::string& why) {
  return static_cast<int>(failed(c, Error{kind, why}));
}

}  // namespace

int confirm(Context& c) {
  if (c.options.archive.empty())
    return error(c, Error::Kind::usage,
                 "confirm needs --archive: the Archive Device that belongs to " + c.options.control);
  const auto states = c.memory().states;
  if (states.empty()) {
    return error(
        c, Error::Kind::config,
        fmt::format(
            "no state file of a plugin knows {}. Give it with --state: it lies in the Working Directory of bacula-sd.conf "
            "(NAME.shstore.json)",
            c.options.control));
  }
  const auto node = read_node(c.device);
  record::Confirmed one{c.options.control, node.serial, node.designator};
  if (one.serial.empty()) one.serial = c.unit->unit_serial_number().value_or("");
  if (one.serial.empty() && one.designator.empty())
    return error(c, Error::Kind::refused, c.device + " does not tell which drive it is");
  const auto which = one.serial.empty() ? one.designator : "serial number " + one.serial;
  c.err << fmt::format("storage-ctl: {} and {} are the drive with {}: jobs may use it by this name from now on\n",
                       c.options.archive, c.options.control, which);
  c.err.flush();
  if (!c.options.yes && !c.confirm("Is it the right one? Type yes: ")) {
    return error(c, Error::Kind::refused, "not confirmed: nothing was changed. Use --yes where nobody can be asked");
  }
  for (const auto& state : states) {
    if (const auto written = record::write_confirmed(record::confirmed_path(state), one); !written) {
      return error(c, Error::Kind::config, written.error());
    }
  }
  return static_cast<int>(ExitStatus::ok);
}

}  // namespace shstore::scsi::ctl
