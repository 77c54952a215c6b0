#!/bin/bash
# The control device does not answer: a job is refused with the reason and writes nothing. It goes on when it answers.
# Bacula, in turns: 9.6.7 15.0.3
set -euo pipefail
# shellcheck source=tests/bacula/site.sh
. "$(dirname "${BASH_SOURCE[0]}")/site.sh"

site
first_good
before=$(cksum <"$RUN/tapes/drive0")
stop target
second=$(start_job backup-cibou)
check "the job is refused, and status says why" wait_until 45 waits_for cibou \
    "3613 JobId=$second cannot lock device $DRIVE0: "
keep waiting_text cibou
show <<<"$KEPT"
check "the message names the control device" has "$(control_device cibou 0)"
sleep 5
check "the job still waits" job_is "$second" R
check "nothing was written" equal "$(cksum <"$RUN/tapes/drive0")" "$before"

start_target
check "the job writes, with the control device back" wait_until 60 writing cibou "$second"
check "cibou has the lock" held_by 0 "${KEY[cibou]}"
check "it ends" jobs_end 60 "$second"
check "it is good" job_clean "$second"
check "nothing stays behind" wait_until 10 free_drive 0
check "its backup comes back byte for byte" restorable "$second" cibou 60
check "the backup before it too" restorable "$GOOD" cibou 60
