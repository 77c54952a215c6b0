#!/bin/bash
# A job is cut off: another host takes the drive under it, and nobody can end its data with a filemark. The administrator leaves the
# Volume as it is, and the next job appends there: bacula-sd would count its blocks from 0, end as OK and restore short. It is failed by
# name, and the one after it, on another tape, is good.
# fabrics: iscsi
# seconds: 600
set -euo pipefail
# shellcheck source=tests/lab/guest/lab.sh
. /lab/in/lab.sh
# shellcheck source=tests/lab/guest/bacula.sh
. /lab/in/bacula.sh

failed() { job_over "$1" && not job_is "$1" T; }

bacula_up
make_data dir 8
check "cibou labels a tape" tape 1 TAPE-1 cibou
check "nobody has the drive" wait_until 30 free_drive 0

step "cibou takes the drive under dir's job"
CUT=$(start_job backup-dir)
check "job $CUT writes" wait_until 60 writing dir "$CUT"
sleep 12 # the plugin has looked at it while it wrote
takes_it() { ctl cibou preempt "$DIR_KEY" --yes && ctl cibou trylock; }
check "cibou takes the drive" takes_it
check "job $CUT fails" wait_until 120 failed "$CUT"
check "cibou gives the drive back" exits 0 ctl cibou reclaim --yes
check "nobody has it" wait_until 60 free_drive 0

step "the next job appends there"
keep bc "update volume=TAPE-1 volstatus=Append"
job_log "$CUT" | grep -E "shstore|rror|Volume" | show
NEXT=$(start_job backup-dir)
check "job $NEXT fails" wait_until 200 failed "$NEXT"
keep job_log "$NEXT"
grep -E "end of data|Ready to append|mismatch|shstore" <<<"$KEPT" | show
check "it says why" has 'was cut off, and is not ended by a filemark'
check "and what to do" has "Set the Volume to Used"
check "nothing stays behind" wait_until 60 free_drive 0

step "as it is told to"
keep bc "update volume=TAPE-1 volstatus=Used"
check "another tape is labeled" tape 2 TAPE-2 cibou
check "nobody has the drive" wait_until 30 free_drive 0
GOOD=$(start_job backup-dir)
check "job $GOOD ends" wait_job "$GOOD" 200
check "it is good" job_clean "$GOOD"
check "it comes back byte for byte" restorable "$GOOD" dir 120
