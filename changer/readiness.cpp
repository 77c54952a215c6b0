#include "changer/readiness.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/major.h>
#include <sys/ioctl.h>
#include <sys/mtio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <utility>

#include "scsi/base/descriptor.h"
#include "scsi/robot_sense.h"

namespace shstore::changer {
namespace {

constexpr std::chrono::milliseconds kPoll{500};

// Ready: empty text. An answer that waiting will not change is a Failure.
using Look = Outcome<std::string>;

bool is_tape_node(const std::string& path) {
  struct stat st {};
  return ::stat(path.c_str(), &st) == 0 && S_ISCHR(st.st_mode) && major(st.st_rdev) == SCSI_TAPE_MAJOR;
}

Look look_through_driver(const std::string& tape) {
  const base::Descriptor fd(::open(tape.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!fd && errno == EBUSY) return "another program of this host has it open";
  if (!fd) return fail(ExitStatus::device, fmt::format("{}: {}", tape, scsi::errno_text(errno)));
  mtget status{};
  const int error = ::ioctl(fd.get(), MTIOCGET, &status) == 0 ? 0 : errno;
  if (error != 0) return scsi::errno_text(error);
  return GMT_ONLINE(status.mt_gstat) ? std::string{} : "it is not online";
}

Look look_through_control(scsi::LogicalUnit& drive) {
  const auto answer = drive.test_unit_ready();
  if (!answer) return tl::make_unexpected(to_failure(answer.error()));
  if (answer->ready) return std::string{};
  if (answer->conflict)
    return fail(ExitStatus::locked, fmt::format("{}: another host has reserved the drive", drive.path()));
  return scsi::describe(answer->sense);
}

}  // namespace

Outcome<void> wait_until_ready(const std::string& archive_device, scsi::LogicalUnit* control, const Waiting& waiting,
                               Waiting::TimePoint until, bool may_calibrate) {
  const bool driver = is_tape_node(archive_device);
  if (!driver && control == nullptr) return {};  // nobody to ask
  const auto begin = waiting.now();
  for (;;) {
    const auto look = driver ? look_through_driver(archive_device) : look_through_control(*control);
    if (!look) return tl::make_unexpected(look.error());
    if (look->empty()) return {};
    if (waiting.over(until)) {
      const auto waited = std::chrono::round<std::chrono::seconds>(waiting.now() - begin);
      return fail(ExitStatus::timeout,
                  fmt::format("the tape is loaded, but {} is not ready after {} s{}: {}", archive_device,
                              waited.count(), waiting.stop ? " (interrupted)" : "", *look) +
                      (may_calibrate && (driver || look->find("04/01") != std::string::npos)
                           ? fmt::format(". {} may be calibrating: {}", archive_device, kCalibration)
                           : ""));
    }
    waiting.sleep(kPoll);
  }
}

Outcome<Library> read_library(scsi::MediumChanger& changer, const Waiting& waiting, Waiting::TimePoint until,
                              bool identities, const std::function<void(const std::string&)>& say) {
  for (std::string said;;) {
    const auto status = changer.read_element_status(scsi::kElementStatusDeadline, identities);
    if (status) return to_library(*status);
    auto failure = to_failure(status.error());
    if (waiting.stop) return tl::make_unexpected(failure);
    if (status.error().kind == scsi::Error::Kind::refused) failure.status = ExitStatus::locked;
    const auto robot = changer.unit().test_unit_ready();
    const bool not_ready = robot && !robot->ready && !robot->conflict;
    std::string why;
    bool passes = false;
    if (const auto row = scsi::find_robot_sense(not_ready ? robot->sense : scsi::Sense{})) {
      why = row->sentence;
      passes = row->result == scsi::MoveResult::not_ready;
      failure.message += fmt::format(". The library is not ready: {} ({})", why, scsi::describe(robot->sense));
    }
    const bool worth_waiting = passes || failure.status == ExitStatus::locked;
    if (!worth_waiting || waiting.over(until)) return tl::make_unexpected(failure);
    if (say && passes && std::exchange(said, why) != why) {
      say(fmt::format("{}: the library is not ready: {}; waiting for it", changer.path(), why));
    }
    waiting.sleep(kPoll);
  }
}

}  // namespace shstore::changer
