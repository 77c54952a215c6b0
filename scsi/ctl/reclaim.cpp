// Gives back what an earlier life of this host left on a drive, on this port or on another one.
#include <fmt/format.h>

#include <ostream>

#include "scsi/ctl/commands.h"
#include "scsi/own_lock.h"

namespace shstore::scsi::ctl {
namespace {

int refuse_device(const Context& c, const std::string& why) {
  return error(c, Error{Error::Kind::refused, c.device + ": " + why});
}

// What nobody can rule out, and the person who is asked must know.
std::string doubts(const Context& c, const PluginMemory& memory, const TapeUsers& users,
                   const std::optional<OwnKey>& seen) {
  std::string text;
  const auto add = [&](const std::string& line) { text += fmt::format("storage-ctl: {}: {}\n", c.device, line); };
  if (!memory.untold.empty()) add("whether a job uses it cannot be told: " + memory.untold);
  if (users.unseen) add("whether a program of another user has its tape open cannot be seen by this user");
  if (seen && seen->any(Whose::perhaps)) {
    add(fmt::format(
        "{} is registered by {}. A machine that was cloned from this one has the same name: make sure that there is none",
        to_text(c.conf.key), seen->text()));
  }
  return text;
}

Result<void> give_back_here(DriveLock& drive) {
  // REGISTER with the old key succeeds only on the nexus that registered it: that is the proof that it is ours.
  if (auto proven = drive.register_key(); !proven) return proven;
  if (auto unlocked = drive.unlock(); !unlocked) return tl::make_unexpected(unlocked.error());
  return drive.unregister();
}

Result<void> give_back_elsewhere(Context& c, DriveLock& drive, const OwnKey& seen) {
  if (seen.any(Whose::anothers) || seen.any(Whose::untold)) {
    return fail(
        Error::Kind::refused,
        fmt::format(
            "{}: {} is registered by a port that is not known to be this host's ({}): nothing was changed. If another host "
            "uses the same key, give each a key of its own. If it was a port of this host's that is no more, \"storage-ctl "
            "DEVICE preempt {}\" on another host removes it",
            c.device, to_text(c.conf.key), seen.text(), to_text(c.conf.key).substr(2)));
  }
  const auto held = gather_own_key(*c.unit, drive, seen);
  if (!held) return tl::make_unexpected(held.error());
  if (*held) {
    if (auto unlocked = drive.unlock(); !unlocked) return tl::make_unexpected(unlocked.error());
  }
  return drive.unregister();
}

}  // namespace

int reclaim(Context& c) {
  auto drive = c.lock();
  const auto state = drive.read();
  if (!state) return error(c, state.error());
  if (state->registrations_of(c.conf.key) == 0) {
    c.err << fmt::format("storage-ctl: {}: {} is not registered: there is nothing to reclaim\n", c.device,
                         to_text(c.conf.key));
    return done(ExitStatus::ok);
  }
  const auto memory = c.memory();
  if (!memory.user.empty())
    return refuse_device(c, memory.user + " uses it: nothing was changed. Stop it first, or let its jobs end");
  const auto users = c.tape_users();
  if (!users.who.empty())
    return refuse_device(c, fmt::format("{} has its tape open: nothing was changed", users.who.front()));
  std::optional<OwnKey> seen;
  if (const auto status = c.unit->read_full_status()) seen = own_key(*status, c.conf.key, c.ports, memory.ports);
  const auto what = fmt::format(
      "storage-ctl: {}: giving back this host's own {}. Only while no bacula-sd runs on this "
      "host: a running job would lose its lock.\n",
      c.device, state->held_by(c.conf.key) ? "lock and registration" : "registration");
  c.err << what << doubts(c, memory, users, seen);
  c.err.flush();
  if (!c.options.yes && !c.confirm("Go on? Type yes: ")) {
    return error(
        c, Error{Error::Kind::refused, "not confirmed: nothing was changed. Use --yes where nobody can be asked"});
  }
  if (c.stop) return error(c, Error{Error::Kind::refused, "interrupted by a signal: nothing was changed"});
  const LogicalUnit::ToTheEnd not_half(*c.unit);
  const auto here = registered_here(*c.unit, c.conf.key);
  if (!here) return error(c, here.error());
  if (const auto again = c.unit->read_full_status(); again && seen)
    seen = own_key(*again, c.conf.key, c.ports, memory.ports);
  const bool only_here = *here && (!seen || seen->ports.size() <= 1);
  const auto gone = only_here || !seen ? give_back_here(drive) : give_back_elsewhere(c, drive, *seen);
  return gone ? done(ExitStatus::ok) : error(c, gone.error());
}

}  // namespace shstore::scsi::ctl
