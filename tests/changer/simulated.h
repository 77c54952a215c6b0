// A library of shstore-target in this process, and shstore-changer's commands as each host would run them.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "changer/program/commands.h"
#include "scsi/target/target.h"

namespace shstore::changer::program {

inline constexpr scsi::ReservationKey kCibouKey{0xbac001}, kDirKey{0xbac999};

/// The library of samples/library.json: drives 0 and 1, slots 1 to 8 with tapes A00001L4 to A00006L4, import/export slots 9
/// and 10; hosts cibou (sg0, sg1, robot sg2) and dir (sg4, sg5, sg6).
class SimulatedLibrary {
 public:
  /// `change`: what is different in it.
  explicit SimulatedLibrary(const std::function<void(scsi::target::San&)>& change = {});

  /// Stands between a host and a device: an answer in the target's place, or nothing.
  using Intercept = std::function<std::optional<scsi::Result<scsi::Reply>>(const scsi::Command&)>;
  std::map<std::string, Intercept> intercepts;           ///< by the device's path
  std::map<std::string, std::vector<scsi::Bytes>> sent;  ///< CDBs, by the device's path
  scsi::Result<std::unique_ptr<scsi::Transport>> open(const std::string& path);

  /// What a drive's lock looks like from there, past all intercepts.
  scsi::LockState lock_state(const std::string& path);
  /// Takes a drive's or the robot's lock as another program of that host would.
  void lock(const std::string& path, scsi::ReservationKey key, scsi::PrType type = scsi::PrType::exclusive_access);
  void register_key(const std::string& path, scsi::ReservationKey key);
  void unlock(const std::string& path, scsi::ReservationKey key, scsi::PrType type = scsi::PrType::exclusive_access);

  /// By element address, past everybody.
  void move(uint16_t from, uint16_t to);

  std::string folder() const { return folder_; }
  ~SimulatedLibrary();

 private:
  friend class PathTransport;
  std::unique_ptr<scsi::target::Target> target_;
  std::string folder_;  // for the lock files beside the sockets that are not there
};

/// A host. Time passes only when somebody sleeps.
class Host {
 public:
  Host(SimulatedLibrary& library, const std::string& name, scsi::ReservationKey key, std::vector<std::string> sg);

  /// Exit status; `out` and `err` hold what was printed, failures as the program prints them.
  int operator()(const std::string& command, const std::string& slot = "", const std::string& archive = "",
                 const std::string& drive = "", const std::string& second = "");
  /// load and unload with the right archive device.
  int load(int slot, int drive) { return move("load", slot, drive); }
  int unload(int slot, int drive) { return move("unload", slot, drive); }
  std::string loaded(int drive);

  std::string control(size_t drive) const { return library_.folder() + '/' + sg_[drive]; }
  std::string robot() const { return library_.folder() + '/' + sg_[2]; }

  std::string out, err;
  Settings settings;
  bool json = false;
  Caller caller{};                     ///< %j
  DaemonUse use{};                     ///< what the plugin says of every drive
  std::optional<CleaningWish> wish{};  ///< what the plugin has read
  std::vector<DeviceUser> users{};     ///< other programs that have the device open
  std::function<bool()> job_holds_lock = [] { return false; };
  std::function<Outcome<void>()> prove = [] { return Outcome<void>{}; };
  std::function<void()> asleep, in_pause;         ///< what happens meanwhile
  std::chrono::milliseconds slept{0}, paused{0};  ///< paused: not to be cut by `stop`
  std::atomic<bool> stop{false};
  std::string devices;  ///< the Device resources; changed by tests of what is configured wrongly

 private:
  int move(const std::string& command, int slot, int drive);

  SimulatedLibrary& library_;
  std::string name_;
  scsi::ReservationKey key_;
  std::vector<std::string> sg_;
};

}  // namespace shstore::changer::program
