// What the form of a device's path says: the names of tape nodes on the systems that Bacula runs on. No file
// is looked at. Linux: st(4), sg(4), systemd's 60-persistent-storage-tape.rules; lin_tape's IBMtape; sa(4) of
// FreeBSD, st(4) of NetBSD and OpenBSD, st(7D) of Solaris.
#pragma once

#include <string>
#include <string_view>

namespace shstore::config::lint {

enum class NodeKind {
  other,      ///< a directory, a file, or a name that says nothing
  rewinding,  ///< a tape that is rewound when it is closed: /dev/st0
  tape,       ///< a tape that stays where it is: /dev/nst0
  generic,    ///< a SCSI generic node: /dev/sg0
};

NodeKind node_kind(std::string_view path);
bool is_tape_node(std::string_view path);

/// A name that only robots have: /dev/sch0, /dev/ch0, /dev/changer, by-id names that end with -changer.
bool is_robot_node(std::string_view path);

/// The non-rewinding node of the same drive: "/dev/nst0" for "/dev/st0"; empty if `path` is not a rewinding
/// node.
std::string non_rewinding(std::string_view path);

/// A name that Linux gives out in the order in which it finds the devices: /dev/nst0, /dev/sg2.
bool is_numbered_node(std::string_view path);

}  // namespace shstore::config::lint
