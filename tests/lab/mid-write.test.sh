#!/bin/bash
# What happens to a backup whose lock is broken, whose drive is reset or whose target loses its power while it writes: it
# fails or goes on, and one that ends as OK comes back byte for byte. What was on the tape before is still there.
# fabrics: iscsi
# seconds: 700
set -euo pipefail
# shellcheck source=tests/lab/guest/lab.sh
. /lab/in/lab.sh
# shellcheck source=tests/lab/guest/bacula.sh
. /lab/in/bacula.sh

# writes SLOT: labels the tape in that slot, puts a good backup of cibou on it (GOOD) and lets dir write a long one (LONG)
writes() {
    check "a fresh tape" tape "$1" "TAPE-$1" cibou
    GOOD=$(start_job backup-cibou)
    check "a backup of cibou ends" wait_job "$GOOD" 100
    check "it is good" job_clean "$GOOD"
    check "nobody has the drive" wait_until 30 free_drive 0
    LONG=$(start_job backup-dir)
    check "dir writes a long one" wait_until 100 writing dir "$LONG"
}
failed() { job_over "$1" && not job_is "$1" T; }
# honest: the long backup failed, or comes back byte for byte
honest() { not job_is "$LONG" T || restorable "$LONG" dir 150; }
tell() { job_log "$LONG" | grep -E 'shstore|rror|Termination:' | show; }
# after TAPE: what must hold whatever was done to the drive; that tape gets no more backups
afterwards() {
    check "the job did not lie" honest
    check "nobody has the drive" wait_until 60 free_drive 0
    check "the backup from before comes back" restorable "$GOOD" cibou 150
    bc "update volume=$1 volstatus=Used" >/dev/null
}

bacula_up
make_data cibou 1
make_data dir 12

step "cibou preempts dir's lock"
writes 1
keep ctl cibou preempt bac999 --yes
show <<<"$KEPT"
check "the job fails" wait_until 100 failed "$LONG"
tell
check "and says why" job_logged "$LONG" "another host may have used it"
afterwards TAPE-1

step "a LUN reset"
writes 2
check "cibou resets the drive" sg_reset --device "$(sg cibou)"
check "the job ends" wait_job "$LONG" 200
tell
afterwards TAPE-2

step "the target loses its power: nothing is left of locks and keys"
writes 3
power_off
power_on
check "the drive is back" wait_until 60 answers dir
check "the job ends" wait_job "$LONG" 250
tell
check "it fails" failed "$LONG"
afterwards TAPE-3

step "and after all that a job runs as ever"
check "a fresh tape" tape 4 TAPE-4 cibou
LAST=$(start_job backup-dir)
check "it ends" wait_job "$LAST" 200
check "it is good" job_clean "$LAST"
check "it comes back byte for byte" restorable "$LAST" dir 150
check "nobody has the drive" wait_until 30 free_drive 0
