#!/bin/bash
# bacula-sd asks for a drive, gets it, and then takes another one without a word: a job that prefers a drive of its own finds
# the only Volume at work in the first one and joins it there. The second drive's lock must not stay with it.
# Bacula: 9.6.7 15.0.3
set -euo pipefail
# shellcheck source=tests/bacula/site.sh
. "$(dirname "${BASH_SOURCE[0]}")/site.sh"

prepare
configure
use_robot 2
sed -i '/Auto Select = no/d' "$RUN"/{cibou,dir}/bacula-sd.conf
echo 'Job { Name = backup-alone; JobDefs = Backup; FileSet = files-cibou; Storage = Changer-2; Prefer Mounted Volumes = no }' \
    >>"$RUN/director/bacula-dir.conf"
start_daemons
data
check "there is one tape" label_slot dir 2

dir_writes
second=$(start_job backup-alone)
check "job $second writes beside job $FIRST" wait_until 60 writing dir "$second"
check "job $FIRST still writes" writing dir "$FIRST"
check "they use drive 0" held_by 0 "${KEY[dir]}"
check "bacula-sd had asked for drive 1 before" job_logged "$second" "LT09_2_Drive1"
check "nobody has drive 1 now" wait_until 5 free_drive 1
check "both jobs end" jobs_end 90 "$FIRST" "$second"
for job in "$FIRST" "$second"; do check "job $job is good" job_clean "$job"; done
check "nothing stays behind on drive 0" wait_until 10 free_drive 0
check "nor on drive 1" free_drive 1
check "the first backup comes back byte for byte" restorable "$FIRST" dir 60
check "the second one too" restorable "$second" cibou 60
