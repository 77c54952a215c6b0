#!/bin/bash
# A path that goes away under a writing job costs that job and no more: it fails by name at once, and the lock of the session that has
# ended is given back by the other one, without clear. bacula-sd ends such a job only when it has given up opening the device (docs/limits.md).
# fabrics: iscsi
# seconds: 600
set -euo pipefail
SETUP_ONLY=1
# shellcheck source=tests/lab/identity.test.sh
. /lab/in/identity.test.sh

OPEN_WAIT=30
# From the close of the job on bacula-sd looks for a device whose name is gone for so long (tape_dev::rewind, open_device).
short_open_wait() {
    sed -i "s|^ *Archive Device *=.*|&\n  Maximum Open Wait = $OPEN_WAIT seconds|" "$RUN/dir/bacula-sd.conf"
    stop_sd dir && start_sd dir
}
# cut IFACE: under a job that writes through that session
cut() {
    CUT=$(start_job backup-dir)
    check "dir writes" wait_until 90 writing dir "$CUT"
    check "the lock is that session's" held_through 0 "$1"
    check "its session is logged out" log_out "$1"
    check "the job is failed, and says why" wait_until 30 job_logged "$CUT" "lost its path"
}
over() {
    check "the job ends" wait_until $((OPEN_WAIT + 60)) job_over "$CUT"
    check "it is no good one" not job_is "$CUT" T
}
# next_tape: the cut one ends without a filemark, so that nothing may be appended to it (docs/mid-write.md)
TAPES_USED=1
next_tape() {
    bc "update volume=TAPE-$TAPES_USED volstatus=Used" >/dev/null
    TAPES_USED=$((TAPES_USED + 1))
    # The drive of the lab remembers that st has locked its door by the session that has ended (53/02); SPC ends that with the nexus.
    sg_prevent --allow "$(sg dir)" && tape "$TAPES_USED" "TAPE-$TAPES_USED" dir && wait_until 30 free_drive 0
}

check "dir does not look for a missing device for five minutes" short_open_wait

step "the path is cut in mid-job, and its names are gone with it"
lead dir && settle dir
cut dir
check "status says so at once" wait_until 10 status_says dir "The lock is LOST"
over
lead dirb
check "its lock is given back by the other path, without clear" wait_until 90 free_drive 0
check "another tape" next_tape
job_through dirb

step "the names lead to the other path at once"
check "dir logs in again" log_in dir
settle dir
cut dirb
lead dir
over
check "its lock is given back by the other path, without clear" wait_until 90 free_drive 0
check "another tape" next_tape
job_through dir
