// Taking the lock as a person does: waiting, telling for whom, leaving nothing behind.
#pragma once

#include "scsi/ctl/context.h"

namespace shstore::scsi::ctl {

Result<bool> is_registered(DriveLock& lock);

/// Takes back a registration that was made only in order to wait, so that nobody yields to a waiter that is gone; says what
/// could not be taken back. The lock would go with it, so it stays while another program of this host has the lock.
void withdraw(DriveLock& lock, const Context& context);

/// Waits up to max_lock_wait, with one line on err that says for whom. Unless it ends with ok, the drive is left as it
/// was: `registered_before` says whether our key was on it. `own`: whether another program of this host, which has the lock,
/// is waited for.
ExitStatus take_lock(Context& context, DriveLock& drive, bool registered_before, OwnLock own = OwnLock::join);

}  // namespace shstore::scsi::ctl
