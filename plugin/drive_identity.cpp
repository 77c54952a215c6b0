#include "plugin/drive_identity.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>

#include "plugin/device_open.h"
#include "reserve/record/confirmed.h"
#include "scsi/changer_unit.h"
#include "scsi/logical_unit.h"
#include "scsi/transport.h"

namespace shstore::plugin {
namespace {

using scsi::DeviceNode;
using scsi::SameDrive;

constexpr std::chrono::milliseconds kRobotDeadline{20'000};

std::optional<std::string> ask_serial(const std::string& path) {
  const auto transport = scsi::open_transport(path);
  if (!transport) return std::nullopt;
  scsi::LogicalUnit unit(**transport);
  const auto serial = unit.unit_serial_number();
  return serial ? std::optional(*serial) : std::nullopt;
}

std::string ask_robot(const std::string& changer, uint32_t index) {
  const auto transport = scsi::open_transport(changer);
  if (!transport) return {};
  scsi::LogicalUnit unit(**transport);
  scsi::MediumChanger robot(unit);
  const auto status = robot.read_element_status(kRobotDeadline);
  if (!status || index >= status->data_transfer.size() || !status->data_transfer[index].device) return {};
  const auto& device = *status->data_transfer[index].device;
  const auto serial = scsi::device_serial(device);
  return serial.empty() ? device.text() : serial;
}

// The words by which two drives are told apart; empty: nobody knows.
std::string which(const std::string& serial, const std::string& designator) {
  return serial.empty() ? designator : "serial number " + serial;
}

bool known_to_differ(const record::LockedDrive& before, const DeviceNode& now) {
  const auto differ = [](const std::string& a, const std::string& b) { return !a.empty() && !b.empty() && a != b; };
  return differ(before.serial, now.serial) || differ(before.designator, now.designator);
}

}  // namespace

DeviceWorld::DeviceWorld()
    : node([](const auto& path) { return scsi::read_node(path); }),
      generic([](const auto& device) { return scsi::generic_node(device); }),
      exists([](const auto& device) { return ::access(("/sys" + device).c_str(), F_OK) == 0; }),
      usable([](const auto& device) { return scsi::is_usable(device); }),
      tape_is_open(tape_is_open_in_this_process),
      users([](const auto& drive) { return scsi::tape_users(drive); }),
      ports([] { return scsi::read_local_ports(); }),
      serial(ask_serial),
      robot(ask_robot),
      now([] { return std::chrono::steady_clock::now(); }) {}

DriveIdentity::DriveIdentity(DriveNames names, DeviceWorld world, NodeChanges* changes)
    : names_(std::move(names)), world_(std::move(world)), changes_(changes), before_(names_.before) {}

// One that was written a moment ago may be written again without another time: the clock of files is a coarse one.
std::string SimulatedSerials::of(const std::string& archive_device) {
  constexpr time_t kOldEnough = 2;  // seconds
  struct stat now {};
  if (::stat((archive_device + ".drive").c_str(), &now) != 0) {
    read_.erase(archive_device);
    return {};
  }
  const auto same_moment = [](const timespec& a, const timespec& b) {
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
  };
  const auto found = read_.find(archive_device);
  if (found != read_.end()) {
    const auto& file = found->second.file;
    const bool same = file.st_dev == now.st_dev && file.st_ino == now.st_ino && file.st_size == now.st_size &&
                      same_moment(file.st_mtim, now.st_mtim) && same_moment(file.st_ctim, now.st_ctim);
    if (same) return found->second.serial;
    read_.erase(found);
  }
  auto serial = scsi::simulated_serial(archive_device);
  const auto changed = std::max(now.st_mtim.tv_sec, now.st_ctim.tv_sec);
  if (changed + kOldEnough < ::time(nullptr)) read_[archive_device] = {now, serial};
  return serial;
}

SameDrive DriveIdentity::compare_nodes(bool ask) {
  auto control = world_.node(names_.control);
  SameDrive seen{SameDrive::Kind::unproven, {}, names_.control, control.device};
  node_ = control;
  std::optional<DeviceNode> first;
  for (const auto& path : names_.archives) {
    auto archive = world_.node(path);
    const auto told = control.socket ? serials_.of(path) : std::string{};
    if (!told.empty() && ask) simulated_ = world_.serial(names_.control).value_or(simulated_);
    const bool both_known = !told.empty() && !simulated_.empty();
    if (both_known) archive.serial = told;
    if (both_known) control.serial = simulated_;
    auto one = scsi::same_drive(archive, control);
    if (!told.empty() && !both_known) one.text.clear();  // nobody has asked yet
    const bool apart = first && first->kind == DeviceNode::Kind::scsi && archive.kind == DeviceNode::Kind::scsi &&
                       first->device != archive.device;
    if (apart && one.usable()) {
      one.kind = SameDrive::Kind::two_drives;
      one.text = fmt::format(
          "its Control Device {} is also that of another Device, and their Archive Devices {} and {} are not one drive by "
          "one path",
          names_.control, first->text(), archive.text());
    }
    if (!first) {
      seen = one;
      first = archive;
      if (archive.kind == DeviceNode::Kind::scsi || both_known) node_ = archive;
    } else if (!one.usable() && seen.usable()) {
      seen.kind = one.kind;
      seen.text = one.text;
    }
  }
  return seen;
}

// Is the drive that is not the one before the right one all the same?
bool DriveIdentity::taken_over(const SameDrive& seen, bool ask) {
  const auto now = which(node_.serial, node_.designator);
  if (accepted_ == now) return true;
  for (const auto& said : record::read_confirmed(record::confirmed_path(names_.state))) {
    const bool right =
        said.control_device == names_.control &&
        (said.serial == node_.serial && (said.designator == node_.designator || said.designator.empty()));
    if (right) return true;
  }
  const bool proven = seen.kind == SameDrive::Kind::one_nexus || seen.kind == SameDrive::Kind::other_path;
  if (!proven) return false;
  if (!names_.in_changer) return true;
  if (!ask) return false;
  const auto told = world_.robot(names_.changer, names_.index);
  return !told.empty() && (told == node_.serial || told == node_.designator);
}

void DriveIdentity::compare_with_before(SameDrive& seen, bool ask) {
  if (!seen.usable() || !before_ || !known_to_differ(*before_, node_)) return;
  const auto now = which(node_.serial, node_.designator);
  const auto was = which(before_->serial, before_->designator);
  if (taken_over(seen, ask)) {
    accepted_ = now;
    exchanged_ = fmt::format(
        "it is another drive now ({}) than the one that was locked last by this name ({}): it was exchanged, and is used",
        now, was);
    return;
  }
  const auto& archive = names_.archives.empty() ? names_.control : names_.archives.front();
  seen.kind = SameDrive::Kind::exchanged;
  seen.text = fmt::format(
      "{} is another drive now ({}) than the one that was locked last by this name ({}){}. If that is right, \"storage-ctl {} "
      "confirm --archive {} --state {}\" lets jobs use it",
      archive, now, was,
      names_.in_changer ? fmt::format(", and the robot does not name it as drive {}", names_.index) : "",
      names_.control, archive, names_.state);
}

SameDrive DriveIdentity::look(bool ask) {
  looked_.reset();
  // Before anything is looked at: what changes meanwhile is a change.
  const auto at = world_.now();
  if (changes_ != nullptr && !changes_->seen(names_.control).told) changes_->try_again(names_.control);
  const auto changes = changes_ == nullptr ? NodeChanges::Seen{} : changes_->seen(names_.control);
  auto seen = compare_nodes(ask);
  compare_with_before(seen, ask);
  if (changes.told && seen.usable()) looked_ = Looked{changes, at, seen};
  const std::lock_guard lock(mutex_);
  last_ = seen;
  if (seen.usable() && !exchanged_.empty()) last_.text = exchanged_ + (seen.text.empty() ? "" : "; " + seen.text);
  return seen;
}

SameDrive DriveIdentity::look_if_changed() {
  const bool as_before =
      looked_ && changes_->seen(names_.control) == looked_->changes && world_.now() - looked_->at < kLongest;
  return as_before ? looked_->seen : look(false);
}

void DriveIdentity::locked(const std::string& initiator) {
  if (node_.serial.empty() && node_.designator.empty() && initiator.empty()) return;
  const std::lock_guard lock(mutex_);
  before_ = record::LockedDrive{node_.serial, node_.designator, node_.address(), initiator, names_.machine};
}

std::string DriveIdentity::left_behind() const {
  const bool ours =
      names_.was_locked && names_.before && !names_.machine.empty() && names_.before->machine == names_.machine;
  return ours ? names_.before->initiator : std::string{};
}

std::string DriveIdentity::note() const {
  const std::lock_guard lock(mutex_);
  if (!last_.usable()) return {};
  return last_.text + (last_.text.empty() || said_.empty() ? "" : "; ") + said_;
}

void DriveIdentity::say(const std::string& text) {
  const std::lock_guard lock(mutex_);
  said_ = text;
}

std::string DriveIdentity::refusal() const {
  const std::lock_guard lock(mutex_);
  return last_.usable() ? std::string{} : last_.text;
}

std::string DriveIdentity::device() const {
  const std::lock_guard lock(mutex_);
  return last_.device;
}

std::optional<record::LockedDrive> DriveIdentity::remembered() const {
  const std::lock_guard lock(mutex_);
  return before_;
}

}  // namespace shstore::plugin
