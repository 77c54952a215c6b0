#!/bin/bash
# The machine has no thread and no descriptor left for the plugin: jobs wait with that as the reason, and go on when there is
# enough again; nothing is written without the lock, and no lock stays.
# Bacula: 9.6.7 15.0.3
set -euo pipefail
# shellcheck source=tests/bacula/site.sh
. "$(dirname "${BASH_SOURCE[0]}")/site.sh"
# shellcheck source=tests/bacula/few.sh
. "$(dirname "${BASH_SOURCE[0]}")/few.sh"

site
first_good

step "no thread can be started"
few threads
start_sd_with_few
before=$(tape_now)
second=$(start_job backup-cibou)
check "the job waits, and status says why" wait_until 45 waits_for cibou \
    "3613 JobId=$second cannot lock device $DRIVE0: bacula-sd cannot start a thread: Resource temporarily unavailable"
check "so does its own log" wait_until 15 job_logged "$second" "bacula-sd cannot start a thread"
check "so does shstore-status" wait_until 15 status_says cibou "bacula-sd cannot start a thread"
check "nothing is on the drive" free_drive 0
check "nothing was written" untouched "$before"
enough threads
check "with threads again the job writes at its next try" wait_until "$NEXT_TRY" writing cibou "$second"
check "cibou has the lock" held_by 0 "${KEY[cibou]}"

step "no descriptor is left while it writes"
few descriptors
check "the job ends" wait_until 90 job_over "$second"
keep job_log "$second"
check "well, or with a reason" ended_with_reason "$second"
show < <(grep -i -A1 "shstore\|error" <<<"$KEPT")
enough descriptors
check "the lock is given back as soon as that can be done" wait_until 45 free_drive 0

step "no descriptor is left while a job waits for the other host"
dir_writes
cibou_waits
few descriptors
check "dir's job ends" jobs_end 60 "$FIRST"
check "it is good" job_clean "$FIRST"
check "cibou's job is told why it still waits" wait_until "$NEXT_TRY" waits_for cibou \
    "3613 JobId=$SECOND cannot lock device $DRIVE0: "
keep waiting_text cibou
show <<<"$KEPT"
check "it is for want of descriptors" has "Too many open files"
check "cibou has no lock" not held_by 0 "${KEY[cibou]}"
third=$(at dir start_job backup-dir)
check "dir's next job is not kept from the drive" wait_until "$NEXT_TRY" writing dir "$third"
enough descriptors
check "that ends" jobs_end 60 "$third"
check "and is good" job_clean "$third"
check "then cibou's job writes" wait_until "$((NEXT_TRY * 2))" writing cibou "$SECOND"
check "with the lock" held_by 0 "${KEY[cibou]}"
check "it ends" jobs_end 60 "$SECOND"
check "it is good" job_clean "$SECOND"
check "nothing stays behind" wait_until 45 free_drive 0
check "the first backup comes back byte for byte" restorable "$GOOD" cibou 60
check "the last one too" restorable "$SECOND" cibou 60
