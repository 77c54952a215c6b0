#!/bin/bash
# The lock of a job is broken while it writes, by the administrator of the other host. Where nobody else had the drive,
# it is taken back and the job's log names the gap; where somebody has or may have had it, the job fails and says so.
# Bacula: 9.6.7 15.0.3
set -euo pipefail
# shellcheck source=tests/bacula/site.sh
. "$(dirname "${BASH_SOURCE[0]}")/site.sh"

ctl() { timeout --foreground 60 "$RUN/$1/scripts/storage-ctl" "$(control_device "$1" 0)" "${@:2}"; }
failed() { job_over "$1" && not job_is "$1" T; }
# cleared: cibou clears the drive, and it is seen to be free: dir's daemon is not let take it back meanwhile
cleared() {
    local status=0
    kill -STOP "${STARTED[dir-sd]}"
    ctl cibou clear && not held_by 0 "${KEY[dir]}" || status=$?
    kill -CONT "${STARTED[dir-sd]}"
    return "$status"
}
# breaks_and_takes: cibou clears the drive and locks it at once, before dir has noticed
breaks_and_takes() { ctl cibou clear && ctl cibou trylock; }

site
first_good storage=Changer-2   # by dir, which learns from its first release what the drive counts

step "cleared, and nobody takes the drive"
dir_writes
check "the lock is gone" cleared
check "dir takes it back" wait_until 15 held_by 0 "${KEY[dir]}"
check "the job writes on" writing dir "$FIRST"
check "it ends" jobs_end 60 "$FIRST"
check "it is good" job_clean "$FIRST"
keep job_log "$FIRST"
check "its log has a warning" has "Warning: shstore: device \"LT09_2_Drive0\" ($RUN/tapes/dir/drive0) was without its lock"
check "that names the interval" has "for some time between 20"
grep 'without its lock' <<<"$KEPT" | show
check "nothing stays behind" wait_until 10 free_drive 0
check "its backup comes back byte for byte" restorable "$FIRST" dir 60

step "cleared, and the other host takes the drive"
dir_writes
check "cibou breaks the lock and takes it" wait_until 10 breaks_and_takes
check "the job fails" wait_until 60 failed "$FIRST"
keep job_log "$FIRST"
check "its log says that the lock was lost" has "Fatal error: shstore: device \"LT09_2_Drive0\" ($RUN/tapes/dir/drive0): the lock was lost"
check "and to whom" has "${KEY[cibou]} has taken the drive"
grep 'lock was lost' <<<"$KEPT" | show
check "no OK is reported" lacks "Termination:            Backup OK"
check "cibou still has the lock" held_by 0 "${KEY[cibou]}"
check "nothing of dir is left" unregistered 0 "${KEY[dir]}"
ctl cibou unlock
ctl cibou unregister

step "preempted, and given back at once: somebody may have used the drive"
check "a new tape" new_tape 0 TAPE-2 dir
dir_writes
ctl cibou preempt bac999 --yes
check "the job fails" wait_until 60 failed "$FIRST"
keep job_log "$FIRST"
check "its log says why" has "another host may have used it"
grep 'may have used' <<<"$KEPT" | show
check "nothing stays behind" wait_until 10 free_drive 0

step "and after all that a job runs as ever"
check "a new tape" new_tape 0 TAPE-3 dir
third=$(start_job backup-dir)
check "it ends" jobs_end 60 "$third"
check "it is good" job_clean "$third"
check "nothing stays behind" wait_until 10 free_drive 0
