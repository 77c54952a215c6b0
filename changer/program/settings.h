// shstore-changer.conf, beside the program. Like storage-ctl.conf it is parsed, never sourced; the names that mtx-changer.conf
// has as well mean the same.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "scsi/base/places.h"
#include "scsi/error.h"

namespace shstore::changer::program {

struct Settings {
  std::string sd = std::string(base::etc_dir()) + "/bacula-sd.conf";  ///< which drive is which, and how each is locked
  bool offline = false;                   ///< unload the tape in the drive before the robot takes it
  std::chrono::seconds offline_sleep{0};  ///< after that
  std::chrono::seconds load_sleep{0};     ///< after a load, before the drive is asked whether it is ready
  std::chrono::seconds ready_wait{300};   ///< for the drive after a load; 0: do not wait
  bool ready_wait_given = false;          ///< otherwise it is longer for an LTO-9 drive: ready_wait_for()
  std::chrono::seconds robot_wait{120};   ///< for a robot that another host moves
  std::chrono::seconds drive_wait{30};    ///< for a drive that another host holds
  bool identity_required = false;         ///< move nothing where nobody can tell which drive is which
  bool auto_clean = false;                ///< clean a drive that asks for it, at the end of an unload
  std::string clean_prefix = "CLN";       ///< with which the barcodes of cleaning cartridges begin
  std::chrono::seconds clean_wait{240};   ///< for the drive to be clean
  bool inventory = false;                 ///< let the library read its barcodes anew before list and listall
  std::string log;                        ///< a line for every move is appended to this file; empty: to none
  std::string via;                        ///< let this program move: --via
  std::chrono::seconds via_wait{600};     ///< for that program
  std::vector<std::string> unknown{};     ///< settings this version does not know, as "NAME at line N"
};

/// How long a drive of that product is waited for: the first load of a new cartridge takes an LTO-9 drive up to two hours.
std::chrono::seconds ready_wait_for(const Settings& settings, const std::string& product);

scsi::Result<Settings> parse_settings(std::string_view text, const std::string& file);

/// A file that is not there is no error if `may_be_missing`: then the defaults hold.
scsi::Result<Settings> load_settings(const std::string& path, bool may_be_missing);

}  // namespace shstore::changer::program
