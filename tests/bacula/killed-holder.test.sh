#!/bin/bash
# The Storage Daemon that holds the lock is killed with -9: the lock stays and protects the drive. When the daemon is
# started again it finds its stale lock and gives it back, and the other host goes on.
# Bacula: 9.6.7 15.0.3
set -euo pipefail
# shellcheck source=tests/bacula/site.sh
. "$(dirname "${BASH_SOURCE[0]}")/site.sh"

site
first_good
cp "$RUN/tapes/drive0" "$RUN/tape-before"
dir_writes
cibou_waits
stop_sd dir KILL
# What the dead job has written would be ended by a filemark on a real tape: the kernel's driver writes one when the
# last process that had the device open is gone. Vtape does not, and loses its place behind such a file: take it away.
cat "$RUN/tape-before" >"$RUN/tapes/drive0"
sleep 2
check "the lock of the dead daemon stays" held_by 0 "${KEY[dir]}"
check "the other host still waits" waits_for cibou "reserved by: ${KEY[dir]}."
check "and has written nothing" not writing cibou "$SECOND"

check "its state still says that it holds the drive" grep -q '"locked": true' "$RUN/dir/working/dir-sd.shstore.json"

start_sd dir
check "the lock is given back at start" wait_until 15 not held_by 0 "${KEY[dir]}"
check "and the registration" wait_until 10 unregistered 0 "${KEY[dir]}"
check "the other host writes" wait_until "$NEXT_TRY" writing cibou "$SECOND"
check "cibou has the lock" held_by 0 "${KEY[cibou]}"
check "it ends" jobs_end 60 "$SECOND"
check "it is good" job_clean "$SECOND"
check "nothing stays behind" wait_until 10 free_drive 0
check "its backup comes back byte for byte" restorable "$SECOND" cibou 60
check "the first one too" restorable "$GOOD" cibou 60
job_over "$FIRST" || cancel_job "$FIRST"
check "the killed job has ended" wait_until 60 job_over "$FIRST"
check "and not well" not job_is "$FIRST" T
