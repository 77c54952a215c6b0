#include "scsi/base/printable.h"
#include "scsi/ctl/doctor.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <ostream>

#include "scsi/cannot_open.h"
#include "scsi/ctl/commands.h"
#include "scsi/ctl/doctor_identity.h"
#include "scsi/ctl/drive_card.h"
#include "scsi/device_events.h"
#include "scsi/diagnosis.h"
#include "scsi/notify_program.h"
#include "scsi/own_lock.h"
#include "scsi/same_drive.h"
#include "scsi/transport.h"

namespace shstore::scsi::ctl {
namespace {

using Verdict = Check::Verdict;

constexpr unsigned kScsiTapeMajor = 9;

class Examination {
 public:
  explicit Examination(const Patient& patient) : p_(patient) {}

  std::vector<Check> run() {
    config();
    if (node() && open()) {
      identity();
      if (reservations()) registrants();
      if (!p_.changer_device.empty()) {
        const auto designators = unit_->device_identification();
        checks_.push_back(ask_identity(p_.changer_device,
                                       {serial_, designators ? *designators : std::vector<Designator>{}}, p_.stop));
      }
      notify();
    }
    if (!p_.archive_device.empty()) archive();
    return std::move(checks_);
  }

 private:
  void add(Verdict verdict, const char* name, std::string text) { checks_.push_back({verdict, name, std::move(text)}); }
  void ok(const char* name, std::string text) { add(Verdict::ok, name, std::move(text)); }
  void warn(const char* name, std::string text) { add(Verdict::warning, name, std::move(text)); }
  bool failed(const char* name, std::string text) {
    add(Verdict::failed, name, std::move(text));
    return false;
  }

  void config() {
    const auto conf = load_storage_ctl_conf(p_.conf_path);
    if (!conf) {
      failed("config", conf.error().message);
      return;
    }
    key_ = conf->key;
    notify_ = conf->notify;
    ok("config", fmt::format("{}: key {}", p_.conf_path, to_text(key_)));
    for (const auto& unknown : conf->unknown)
      warn("config", fmt::format("{}: unknown setting {}", p_.conf_path, unknown));
  }

  // Root does not know as whom bacula-sd runs: the program's owner may be that user.
  void notify() {
    if (notify_.empty()) return;
    struct stat st {};
    const bool owner_may_be_the_daemon = ::geteuid() == 0 && ::stat(notify_.c_str(), &st) == 0 && st.st_uid != 0;
    const auto why = why_not_run(notify_, owner_may_be_the_daemon ? st.st_uid : ::geteuid());
    if (!why.empty()) return warn("notify", fmt::format("{} is not run: {}", notify_, why));
    ok("notify",
       fmt::format("{} is run when something happens to a lock{}", notify_,
                   owner_may_be_the_daemon ? fmt::format(", if bacula-sd runs as its owner (uid {})", st.st_uid)
                                           : std::string{}));
  }

  bool node() {
    struct stat st {};
    if (::stat(p_.control_device.c_str(), &st) != 0) {
      return failed("device", cannot_open(p_.control_device, errno).value().message);
    }
    if (::access(p_.control_device.c_str(), R_OK | W_OK) != 0) {
      return failed("permissions", fmt::format("{} cannot be read and written by this user. {}", p_.control_device,
                                               what_to_type(p_.control_device, errno)));
    }
    ok("permissions", fmt::format("{} can be read and written by this user", p_.control_device));
    if (S_ISCHR(st.st_mode) && major(st.st_rdev) == kScsiTapeMajor && (minor(st.st_rdev) & 0x80) != 0) {
      warn("device",
           fmt::format("{} is a tape node: only root may lock through it, and only while nobody has the tape open. "
                       "Give the drive's generic device (/dev/sgN)",
                       p_.control_device));
    }
    return true;
  }

  bool open() {
    auto opened = open_transport(p_.control_device);
    if (!opened) return failed("device", opened.error().message);
    transport_ = std::move(*opened);
    unit_ = std::make_unique<LogicalUnit>(*transport_, LogicalUnit::Pause{}, p_.stop);
    return true;
  }

  void identity() {
    const auto inquiry = unit_->inquiry();
    if (!inquiry) {
      failed("device", inquiry.error().message);
      return;
    }
    const auto serial = unit_->unit_serial_number();
    if (serial) serial_ = *serial;
    const auto text = fmt::format("{}: {} {} {}, serial number {}", p_.control_device, inquiry->vendor,
                                  inquiry->product, inquiry->revision, serial_.empty() ? "not told" : serial_);
    if (inquiry->device_type == kTape) {
      ok("device", text);
    } else if (inquiry->device_type == kMediumChanger) {
      failed("device", text + ": this is the robot, not a drive");
    } else {
      failed("device",
             fmt::format("{}: this is not a tape drive but a {}", text, device_type_text(inquiry->device_type)));
    }
  }

  bool reservations() {
    const auto state = DriveLock(*unit_, key_).read();
    if (!state) return failed("reservations", diagnose(p_.control_device, state.error()).text);
    state_ = *state;
    const auto caps = unit_->report_capabilities();
    if (!caps) {
      warn("reservations", "the drive has no REPORT CAPABILITIES: that it can lock is seen only when it is tried");
      return true;
    }
    if (!caps->supports(PrType::exclusive_access))
      return failed("reservations", "the drive has no type Exclusive Access");
    ok("reservations", "persistent reservations of type Exclusive Access");
    if (caps->persist_through_power_loss_active) {
      warn("reservations", "locks of this drive survive a power cycle (APTPL was set by some host's registration)");
    }
    return true;
  }

  void registrants() {
    std::optional<FullStatus> status;
    if (auto full = unit_->read_full_status()) {
      status = std::move(*full);
      if (const auto differ = compare_lists(state_, *status); !differ.empty()) warn("registrants", differ);
      for (const auto& r : status->registrants) {
        if (!r.initiator.unreadable.empty()) {
          warn("registrants", fmt::format("whose {} is, the drive does not tell: it sends {}", to_text(r.key),
                                          r.initiator.unreadable));
        }
      }
    } else if (full.error().kind == Error::Kind::unsupported) {
      warn("registrants",
           "the drive has no READ FULL STATUS: a key that two hosts use is noticed less well. (Emulations that keep "
           "one registration for all hosts, such as mhvtl, have none either; they cannot be shared)");
    } else {
      warn("registrants", full.error().message);
    }
    if (key_.value != 0) unique_key(status);
    if (key_.value != 0 && status) our_name(*status);
    const auto diagnosis = diagnose(p_.control_device, state_, status, key_, p_.ports);
    const bool fine = diagnosis.kind == Diagnosis::Case::free || diagnosis.kind == Diagnosis::Case::ours ||
                      diagnosis.kind == Diagnosis::Case::other_sd;
    add(fine ? Verdict::ok : Verdict::warning, "lock", diagnosis.text);
  }

  // Another machine with this one's iSCSI name, or a session of this one that has ended.
  void our_name(const FullStatus& status) {
    const auto name = iscsi_initiator(sysfs_device(p_.control_device, p_.sysfs), p_.sysfs);
    if (const auto clone = another_key_by_name(status, key_, name, p_.control_device); !clone.empty())
      failed("clone", clone);
    const auto seen = own_key(status, key_, p_.ports, {});
    if (seen.ports.size() > 1 && seen.any(Whose::perhaps)) {
      warn(
          "key",
          fmt::format(
              "{} is registered by more than one iSCSI session with this host's name ({}). \"storage-ctl {} reclaim\" removes what an "
              "ended session left",
              to_text(key_), seen.text(), p_.control_device));
    }
  }

  void unique_key(const std::optional<FullStatus>& status) {
    std::optional<size_t> elsewhere;
    if (status) {
      elsewhere =
          static_cast<size_t>(std::count_if(status->registrants.begin(), status->registrants.end(), [&](const auto& r) {
            return r.key == key_ && !p_.ports.contains(r.initiator);
          }));
    }
    checks_.push_back(check_key(key_, state_.registrations_of(key_), elsewhere));
  }

  void archive() {
    auto tape = read_node(p_.archive_device, p_.sysfs), control = read_node(p_.control_device, p_.sysfs);
    struct stat st {};
    const int error = ::stat(p_.archive_device.c_str(), &st) == 0 ? 0 : errno;
    if (tape.kind == DeviceNode::Kind::absent) {
      // Where only the lock is tried, there is no tape, and nothing is wrong with the lock.
      if (control.socket && error == ENOENT) {
        warn("archive",
             fmt::format(
                 "{}: {}. The drive is shstore-target's: its lock can be tried, but no job can write a tape through it",
                 p_.archive_device, tape.why));
        return;
      }
      failed("archive", fmt::format("{}: {}. {}", p_.archive_device, tape.why, what_to_type(p_.archive_device, error)));
      return;
    }
    const bool node = error == 0 && S_ISCHR(st.st_mode) && major(st.st_rdev) == kScsiTapeMajor;
    if (node && (minor(st.st_rdev) & 0x80) == 0) {
      failed("archive", fmt::format("{} rewinds the tape when it is closed: give the non-rewinding node (/dev/nstN)",
                                    p_.archive_device));
    }
    if (control.socket) {
      tape.serial = simulated_serial(p_.archive_device);
      if (!tape.serial.empty()) control.serial = serial_;
    }
    pair(tape, control, same_drive(tape, control));
  }

  void pair(const DeviceNode& tape, const DeviceNode& control, const SameDrive& seen) {
    switch (seen.kind) {
      case SameDrive::Kind::one_nexus:
        ok("archive", fmt::format("{} and {} are the same drive by the same path ({})", tape.path, control.path,
                                  tape.address().empty() ? "serial number " + tape.serial : tape.address()));
        return;
      case SameDrive::Kind::other_path:
        warn("archive",
             fmt::format(
                 "{} and {} are the same drive by two paths ({} and {}). The plugin locks through {}, the one that is "
                 "written through: give that as Control Device, by a name that lasts",
                 tape.path, control.path, tape.address(), control.address(), seen.lock_through));
        return;
      case SameDrive::Kind::two_drives:
        failed("archive",
               fmt::format("{} and {} are two drives: the wrong one would be locked", tape.text(), control.text()));
        return;
      case SameDrive::Kind::absent:
      case SameDrive::Kind::exchanged:
      case SameDrive::Kind::unproven: break;
    }
    const bool kernels = tape.kind != DeviceNode::Kind::no_device && control.kind != DeviceNode::Kind::no_device;
    warn("archive",
         kernels ? std::string("sysfs does not tell which drive the nodes belong to")
                 : fmt::format("{} and {} are not both SCSI devices: whether they are one drive cannot be checked",
                               tape.path, control.path));
  }

  const Patient& p_;
  std::vector<Check> checks_;
  ReservationKey key_;
  std::string serial_, notify_;
  LockState state_;
  std::unique_ptr<Transport> transport_;
  std::unique_ptr<LogicalUnit> unit_;
};

}  // namespace

Check check_key(ReservationKey key, size_t count, std::optional<size_t> elsewhere) {
  if (count > 1 && elsewhere.value_or(0) > 0) {
    return {Verdict::failed, "key",
            fmt::format("{} is registered {} times: another host uses the same key", to_text(key), count)};
  }
  const auto times = count == 0   ? "not registered by anybody"
                     : count == 1 ? "registered once"
                     : elsewhere  ? fmt::format("registered {} times, each time by a port of this host", count)
                                  : fmt::format("registered {} times; the drive does not tell by whom", count);
  return {Verdict::ok, "key", fmt::format("{} is {}", to_text(key), times)};
}

std::vector<Check> examine(const Patient& patient) { return Examination(patient).run(); }

std::string doctor_text(const std::vector<Check>& checks) {
  std::string text;
  for (const auto& c : checks)
    text += fmt::format("{:<8} {:<13} {}\n", word(c.verdict), c.name, base::printable(c.text));
  return text;
}

namespace {

int report(Context& c) {
  const auto opened = open_transport(c.device);
  if (!opened) return static_cast<int>(failed(c, opened.error()));
  LogicalUnit unit(**opened, LogicalUnit::Pause{}, &c.stop);
  const auto hidden = base::host_anonymizer(c.options.salt);
  if (!hidden) {
    c.err << "storage-ctl: " << base::printable(hidden.error()) << ". --salt names another file\n";
    return static_cast<int>(ExitStatus::config);
  }
  const auto card = drive_card(unit, *hidden);
  if (!card) return static_cast<int>(failed(c, card.error()));
  c.out << *card;
  return static_cast<int>(ExitStatus::ok);
}

}  // namespace

int doctor(Context& c) {
  if (c.options.report) return report(c);
  auto checks = examine({c.device, c.options.archive, c.conf_path, "/sys", c.ports, &c.stop, c.options.changer});
  if (c.plugin_check) checks.insert(checks.begin(), c.plugin_check());
  c.out << (c.options.json ? doctor_json(c.device, checks) : doctor_text(checks));
  const bool failed =
      std::any_of(checks.begin(), checks.end(), [](const auto& k) { return k.verdict == Check::Verdict::failed; });
  return static_cast<int>(failed ? ExitStatus::refused : ExitStatus::ok);
}

}  // namespace shstore::scsi::ctl
