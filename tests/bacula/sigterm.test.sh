#!/bin/bash
# A Storage Daemon is ended by SIGTERM while a job of it waits, and the other one while its job writes. The stock daemon
# crashes then (9.6.7) or hangs until it is killed (15.0.3). What it leaves on the drive is its own to take away when it is
# started again, and nobody else is disturbed.
# Bacula: 9.6.7 15.0.3
set -euo pipefail
# shellcheck source=tests/bacula/site.sh
. "$(dirname "${BASH_SOURCE[0]}")/site.sh"

# over_and_not_well ID: also canceled here, if the Director has not noticed
over_and_not_well() {
    job_over "$1" || cancel_job "$1"
    wait_until 75 job_over "$1" && not job_is "$1" T
}

site
first_good
cp "$RUN/tapes/drive0" "$RUN/tape-before"

step "with a job that waits"
dir_writes
cibou_waits
check "cibou has registered its key" wait_until 5 registered 0 "${KEY[cibou]}"
stop_sd cibou
check "dir still has the lock" held_by 0 "${KEY[dir]}"
check "and still writes" writing dir "$FIRST"
start_sd cibou
check "cibou's registration is gone" wait_until 15 unregistered 0 "${KEY[cibou]}"
check "dir still has the lock" held_by 0 "${KEY[dir]}"
check "and still writes" writing dir "$FIRST"

step "with a job that writes"
stop_sd dir
cat "$RUN/tape-before" >"$RUN/tapes/drive0"   # see killed-holder
start_sd dir
check "nothing stays behind" wait_until 15 free_drive 0
check "the waiting job has not ended well" over_and_not_well "$SECOND"
check "nor has the writing one" over_and_not_well "$FIRST"

step "afterwards"
third=$(start_job backup-cibou)
fourth=$(start_job backup-cibou storage=Changer-2)
check "jobs of both hosts end" jobs_end 90 "$third" "$fourth"
check "they are good" eval "job_clean $third && job_clean $fourth"
check "nothing stays behind" wait_until 10 free_drive 0
for job in "$GOOD" "$third" "$fourth"; do check "job $job comes back byte for byte" restorable "$job" cibou 60; done
