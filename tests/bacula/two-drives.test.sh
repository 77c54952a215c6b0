#!/bin/bash
# An autochanger with two drives and one robot, shared by two hosts. Each host's job gets a drive of its own at once; a third
# one finds one drive busy with another Pool and the other one locked, waits, and gets that as soon as it is given back.
# Bacula: 9.6.7 15.0.3
set -euo pipefail
# shellcheck source=tests/bacula/site.sh
. "$(dirname "${BASH_SOURCE[0]}")/site.sh"

prepare
configure
use_robot 2
sed -i '/Auto Select = no/d' "$RUN"/{cibou,dir}/bacula-sd.conf
echo 'Pool { Name = Other; Pool Type = Backup; Recycle = no; Auto Prune = no; }' >>"$RUN/director/bacula-dir.conf"
start_daemons
data
drive1="\"LT09_2_Drive1\" ($RUN/tapes/dir/drive1)"   # as host dir calls it
check "a tape for one Pool" label_slot dir 2 Other
check "and one for the other" label_slot dir 1 Tapes

dir_writes
SECOND=$(start_job backup-cibou pool=Other)
check "job $SECOND writes through cibou-sd at the same time" wait_until 30 writing cibou "$SECOND"
check "dir has drive 0" held_by 0 "${KEY[dir]}"
check "cibou has drive 1" held_by 1 "${KEY[cibou]}"
moves=$(<"$RUN/robot/log")
beside=$(start_job backup-cibou storage=Changer-2)
third=$(start_job backup-cibou storage=Changer-2 pool=Other)
check "job $beside joins the first one on drive 0" wait_until 30 writing dir "$beside"
check "job $third waits" wait_until 20 waits_for dir \
    "3612 JobId=$third waiting because device $drive1 is reserved by: ${KEY[cibou]}."
check "not for drive 0, which is at work for another Pool" waits_for dir "3608 JobId=$third wants Pool=\"Other\""
check "dir is registered on drive 1" wait_until 5 registered 1 "${KEY[dir]}"
check "cibou is not on drive 0" unregistered 0 "${KEY[cibou]}"
check "cibou's job ends" jobs_end 60 "$SECOND"
check "it is good" job_clean "$SECOND"
check "the third job writes" wait_until 45 writing dir "$third"
check "dir has drive 1" held_by 1 "${KEY[dir]}"
check "the robot has not moved a tape for all that" equal "$(<"$RUN/robot/log")" "$moves"
check "all jobs end" jobs_end 90 "$FIRST" "$beside" "$third"
for job in "$FIRST" "$beside" "$third"; do check "job $job is good" job_clean "$job"; done
check "nothing stays behind on drive 0" wait_until 10 free_drive 0
check "nor on drive 1" wait_until 10 free_drive 1
check "the first backup comes back byte for byte" restorable "$FIRST" dir 60
for job in "$SECOND" "$beside" "$third"; do check "job $job too" restorable "$job" cibou 60; done
check "nothing stays behind on drive 0" wait_until 10 free_drive 0
check "nor on drive 1" wait_until 10 free_drive 1
