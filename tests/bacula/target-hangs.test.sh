#!/bin/bash
# The control device hangs: it is there, takes commands and never answers. The job is refused with the reason, the daemon
# stays answering, and the job goes on when the device does.
# Bacula, in turns: 9.6.7 15.0.3
set -euo pipefail
# shellcheck source=tests/bacula/site.sh
. "$(dirname "${BASH_SOURCE[0]}")/site.sh"

# The command was not answered in its time, or, on a busy machine, the job had none left before that.
not_answered() { has "does not answer" || has "its control device has not answered within"; }

site
first_good
# On a busy machine the daemon may hear of its job's last open late, and have the lock for some seconds more: a job that joins it then
# fails at its open instead of waiting. One that has just been started has nothing to hear of.
stop_sd cibou
start_sd cibou
check "nobody has the drive" free_drive 0
before=$(cksum <"$RUN/tapes/drive0")
kill -STOP "${STARTED[target]}"
second=$(start_job backup-cibou)
check "the job is refused, and status says why" wait_until 45 waits_for cibou "3613 JobId=$second cannot lock device $DRIVE0: "
keep waiting_text cibou
show <<<"$KEPT"
check "the message says that the device does not answer" not_answered
check "the daemon answers meanwhile" has "Plugin: shstore" "$(sd_status cibou)"
keep shstore_status cibou || true
show <<<"$KEPT"
check "shstore-status does not call the drive free" has "shstore=1 registered=? locked=? blockedbySD=?"
check "the job still waits" job_is "$second" R
check "nothing was written" equal "$(cksum <"$RUN/tapes/drive0")" "$before"

kill -CONT "${STARTED[target]}"
check "the job writes, with the control device awake" wait_until 60 writing cibou "$second"
check "cibou has the lock" held_by 0 "${KEY[cibou]}"
check "it ends" jobs_end 60 "$second"
check "it is good" job_clean "$second"
check "nothing stays behind" wait_until 10 free_drive 0
check "its backup comes back byte for byte" restorable "$second" cibou 60
