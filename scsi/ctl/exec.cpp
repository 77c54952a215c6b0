// Running a program that knows nothing of locks (btape, bls, mt) under the drive's lock.
#include <fmt/format.h>

#include <ostream>

#include "scsi/ctl/commands.h"
#include "scsi/ctl/locking.h"

namespace shstore::scsi::ctl {
namespace {

// Which process of this host has the drive, whose lock is this host's.
struct User {
  enum class Kind {
    nobody,    ///< it was locked by hand, or by a program that is no more
    above_us,  ///< one that has started us, or this process
    daemon,    ///< it ends when it has no more jobs: nothing to wait for
    program,
  };
  Kind kind = Kind::nobody;
  std::string name{};
};

Result<User> user_of(Context& c) {
  if (c.processes == nullptr) return User{};
  const auto other = take_from_processes(c);
  if (!other) return tl::make_unexpected(other.error());
  if (!*other && c.processes->joined()) return User{User::Kind::above_us};
  give_to_processes(c);
  if (!*other) return User{};
  const auto stat = base::process_stat((*other)->id.pid);
  return User{stat && stat->name == "bacula-sd" ? User::Kind::daemon : User::Kind::program, (*other)->text()};
}

}  // namespace

int exec(Context& c) {
  if (c.options.arguments.empty())
    return error(c, Error{Error::Kind::usage, "exec needs a program: exec -- PROGRAM..."});
  auto drive = c.lock();
  const auto before = drive.read();
  if (!before) return error(c, before.error());
  if (before->held_by(c.conf.key)) {
    auto user = user_of(c);
    // It keeps the lock for a moment after a device was closed.
    constexpr std::chrono::seconds kLingers{7};
    constexpr std::chrono::milliseconds kLook{500};
    for (const auto until = c.now() + kLingers;
         user && user->kind == User::Kind::daemon && !c.stop && c.now() < until;) {
      c.sleep(kLook);
      user = user_of(c);
    }
    if (!user) return error(c, user.error());
    if (user->kind == User::Kind::above_us) {  // its lock, to be given back by it
      const auto child = c.run(c.options.arguments);
      return child ? *child : error(c, child.error());
    }
    if (user->kind == User::Kind::daemon) {
      return error(c,
                   Error{Error::Kind::refused, fmt::format("{} is in use by {} of this host", c.device, user->name)});
    }
    const auto now = drive.read();
    if (!now) return error(c, now.error());
    if (user->kind == User::Kind::nobody && now->held_by(c.conf.key)) {
      return error(
          c, Error{Error::Kind::refused, fmt::format("{} is locked by this host already: a job may be using the drive. "
                                                     "\"explain\" says more",
                                                     c.device)});
    }
  }
  const auto by_others = is_registered(c, *before);
  if (!by_others) return error(c, by_others.error());
  const bool registered = *by_others;
  // Not together with another program of this host: the first to end would unlock under the other.
  if (const auto taken = take_lock(c, drive, registered, OwnLock::in_the_way); taken != ExitStatus::ok)
    return done(taken);

  const bool runs = !c.stop;
  const auto child =
      runs ? c.run(c.options.arguments)
           : fail(Error::Kind::interrupted, fmt::format("{}: interrupted by a signal; nothing was run", c.device));
  const LogicalUnit::ToTheEnd give_back(*c.unit);
  const auto after = drive.read();
  const bool still_ours = after && after->held_by(c.conf.key);
  if (runs && !still_ours) {
    c.err << fmt::format("storage-ctl: {}: the lock was LOST while the program ran{}: what it wrote may be damaged\n",
                         c.device,
                         after && after->reservation ? ", " + holder_text(*after->reservation) + " has it now" : "");
  }
  const auto unlocked = drive.unlock();
  if (!registered) withdraw(drive, c);
  give_to_processes(c);
  if (!unlocked && (!child || !still_ours)) static_cast<void>(failed(c, unlocked.error()));
  if (!child) return error(c, child.error());
  if (!still_ours) return done(ExitStatus::lock_lost);
  if (!unlocked) return error(c, unlocked.error());
  return *child;
}

}  // namespace shstore::scsi::ctl
