#!/bin/bash
# Two jobs of one Storage Daemon write to one drive: they share its lock, and it is given back after the last of them.
# Bacula: 9.6.7 15.0.3
set -euo pipefail
# shellcheck source=tests/bacula/site.sh
. "$(dirname "${BASH_SOURCE[0]}")/site.sh"

site
first_good
dir_writes
shorter=$(start_job backup-cibou storage=Changer-2)
check "a second job of dir-sd writes beside it" wait_until 30 writing dir "$shorter"
check "the first one still writes" writing dir "$FIRST"
cibou_waits
check "the shorter job ends" jobs_end 60 "$shorter"
check "it is good" job_clean "$shorter"
check "the first one still writes" writing dir "$FIRST"
sleep 1
check "dir still has the lock" held_by 0 "${KEY[dir]}"
check "the other host still waits" waits_for cibou "JobId=$SECOND "
check "the first one ends" jobs_end 60 "$FIRST"
check "it is good" job_clean "$FIRST"
check "now the other host writes" wait_until "$NEXT_TRY" writing cibou "$SECOND"
check "cibou has the lock" held_by 0 "${KEY[cibou]}"
check "it ends" jobs_end 60 "$SECOND"
check "it is good" job_clean "$SECOND"
check "nothing stays behind" wait_until 10 free_drive 0
check "the first backup comes back byte for byte" restorable "$FIRST" dir 60
check "the one that ran beside it too" restorable "$shorter" cibou 60
check "and the other host's" restorable "$SECOND" cibou 60

STATE=$RUN/cibou/working/cibou-sd.shstore.json
check "the running daemon's state says so" grep -q '"running": true' "$STATE"
stop_sd cibou
check "and, after it has ended in order, that nothing is left to find" grep -q '"running": false' "$STATE"
