// Running a program that knows nothing of locks (btape, bls, mt) under the drive's lock.
#include <fmt/format.h>

#include <ostream>

#include "scsi/ctl/commands.h"
#include "scsi/ctl/locking.h"

namespace shstore::scsi::ctl {
namespace {

int done(ExitStatus status) { return static_cast<int>(status); }
int error(const Context& c, const Error& e) { return done(failed(c, e)); }

}  // namespace

int exec(Context& c) {
  if (c.options.arguments.empty()) return error(c, Error{Error::Kind::usage, "exec needs a program: exec -- PROGRAM..."});
  auto drive = c.lock();
  const auto before = drive.read();
  if (!before) return error(c, before.error());
  if (before->held_by(c.conf.key)) {
    return error(c, Error{Error::Kind::refused,
                          fmt::format("{} is locked by this host already: a job may be using the drive. \"explain\" says more",
                                      c.device)});
  }
  const bool registered = before->registrations_of(c.conf.key) > 0;
  // Not together with another program that this host runs under its lock: the first to end would unlock under the other.
  if (const auto taken = take_lock(c, drive, registered, OwnLock::in_the_way); taken != ExitStatus::ok) return done(taken);

  const bool runs = !c.stop;
  const auto child = runs ? c.run(c.options.arguments)
                          : fail(Error::Kind::interrupted, fmt::format("{}: interrupted by a signal; nothing was run", c.device));
  const LogicalUnit::ToTheEnd give_back(*c.unit);
  const auto after = drive.read();
  const bool still_ours = after && after->held_by(c.conf.key);
  if (runs && !still_ours) {
    c.err << fmt::format("storage-ctl: {}: the lock was LOST while the program ran{}: what it wrote may be damaged\n", c.device,
                         after && after->reservation ? ", " + holder_text(*after->reservation) + " has it now" : "");
  }
  const auto unlocked = drive.unlock();
  if (!registered) withdraw(drive, c);
  if (!unlocked && (!child || !still_ours)) static_cast<void>(failed(c, unlocked.error()));
  if (!child) return error(c, child.error());
  if (!still_ours) return done(ExitStatus::lock_lost);
  if (!unlocked) return error(c, unlocked.error());
  return *child;
}

}  // namespace shstore::scsi::ctl
