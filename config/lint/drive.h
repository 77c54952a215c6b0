// A Device of one of the site's Storage Daemons, with what the rules ask about it again and again.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/lint/device_path.h"
#include "config/site.h"

namespace shstore::config::lint {

/// Points into the site, which must outlive it.
struct Drive {
  const SiteSd* sd = nullptr;
  const SdDevice* device = nullptr;
  const SdAutochanger* changer = nullptr;  ///< the first that lists it, or nullptr
  /// Its own Lock Command, or that of its Autochanger; nullptr if neither has one.
  const TextValue* lock_command = nullptr;
  DriveRef ref;
  // What is asked of every Device by many rules; a Device is large, and to look at a million of them again takes time.
  bool is_tape = false, is_tape_like = false;  ///< see the functions below
  NodeKind archive = NodeKind::other;          ///< of the Archive Device
  NodeKind control = NodeKind::other;          ///< of the Control Device
  bool has_numbered_node = false;              ///< one of both is /dev/nst0, /dev/sg0 and the like

  const SdConfig& config() const { return sd->config; }
  bool lock_is_inherited() const { return lock_command && lock_command != &device->lock_command; }
};

Drive drive_at(const Site& site, const DriveRef& ref);
/// Every Device of every Storage Daemon, in their order. Rules ask Reporter::drives(), which works them out once for all.
std::vector<Drive> all_drives(const Site& site);
/// Of one Autochanger, in the order of its list, each once.
std::vector<Drive> drives_of(const Site& site, size_t sd, size_t changer);

/// Every Device of a site, which must outlive it, worked out once.
class Drives {
 public:
  Drives() = default;
  explicit Drives(const Site& site);
  std::span<const Drive> all() const { return all_; }
  /// As drives_of().
  std::vector<Drive> of(size_t sd, size_t changer) const;

 private:
  const Site* site_ = nullptr;
  std::vector<Drive> all_;
  std::vector<size_t> first_;  ///< of each Storage Daemon
};

/// A tape, as far as the text tells: Device Type = Tape, or no Device Type and a tape's node.
bool is_tape(const SdDevice& device);
/// A tape or a file that behaves like one (Device Type = Vtape): one medium at a time, no two users.
bool is_tape_like(const SdDevice& device);

/// What moves its tapes: its own Changer Command, else that of its Autochanger; empty if there is none.
std::string_view changer_command(const Drive& drive);
/// Bacula's own changer, which moves nothing (stored/autochanger.c, is_virtual_autochanger()).
bool is_virtual_changer(std::string_view changer_command);

/// A Changer Command as it is written.
struct ChangerCommand {
  const SdConfig* config = nullptr;
  const TextValue* command = nullptr;
  std::string_view type;  ///< Autochanger, Device
  std::string_view name;  ///< of the resource

  std::string owner() const;  ///< Autochanger "LTO"; Device "Drive-0"
};
/// Of every Autochanger, then of every Device that has one of its own, of each Storage Daemon.
std::vector<ChangerCommand> changer_commands(const Site& site);

/// It runs shstore-changer, perhaps by way of another program.
bool runs_our_changer(std::string_view changer_command);

/// The same of many commands, most of which are the one before.
class OurChanger {
 public:
  bool is_run_by(std::string_view changer_command);

 private:
  std::string last_;
  bool answer_ = false;  ///< of no command
};

/// How to name a Storage Daemon in a message: its host, else the name of its Storage resource, else its file.
std::string name_of(const SiteSd& sd);

}  // namespace shstore::config::lint
