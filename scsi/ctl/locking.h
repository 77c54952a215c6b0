// Taking the lock as a person does: waiting, telling for whom, leaving nothing behind.
#pragma once

#include "scsi/ctl/context.h"

namespace shstore::scsi::ctl {

/// Whether our key is on the drive for anybody but programs like this one, which come and go, and of which the last one takes
/// it away. From then on this program counts as one of them.
Result<bool> is_registered(Context& context, const LockState& state);

/// The drive for this process, below the reservation; who has it else.
Result<std::optional<ProcessOwner>> take_from_processes(Context& context);
void give_to_processes(Context& context);

/// An error if another process of this host, not one above this, uses the drive.
Result<void> not_under_another(const Context& context);

/// Takes back a registration that was made only in order to wait, so that nobody yields to a waiter that is gone; says what
/// could not be taken back. The lock would go with it, so it stays while another program of this host has the lock.
/// Of several programs that wait it stays for the last one.
void withdraw(DriveLock& lock, const Context& context);

/// Waits up to max_lock_wait, with one line on err that says for whom. Unless it ends with ok, the drive is left as it
/// was: `registered_before` says whether our key was on it. `own`: whether a lock that this
/// host has already is waited for. Another process of this host that uses the drive is waited for in any case.
ExitStatus take_lock(Context& context, DriveLock& drive, bool registered_before, OwnLock own = OwnLock::join);

}  // namespace shstore::scsi::ctl
