#!/bin/bash
# The plugin has the drive go back over the last filemark before a job appends, and the drive does not come back: the job fails before it
# writes. bacula-sd keeps the device open then, and the drive stays locked, until it is released in bconsole.
# by-name: iscsi
# seconds: 900
set -euo pipefail
# shellcheck source=tests/lab/guest/lab.sh
. /lab/in/lab.sh
# shellcheck source=tests/lab/guest/bacula.sh
. /lab/in/bacula.sh

failed() { job_over "$1" && not job_is "$1" T; }
spaces() { sed '/ 0a 0[01] at/,$d' "$OUT/relay-drive0" | grep -c ' 11 0[0-9] at'; } # before the first block that is written
opened() { readlink "/proc/${STARTED[dir-sd]}"/fd/* | grep -qx "$(nst dir)"; }

configure_lab
guarded
for host in "${HOSTS[@]}"; do install_plugin "$host"; done
start_daemons
make_data dir 1
check "a tape is labeled" tape 1 TAPE-1 dir
check "nobody has the drive" wait_until 30 free_drive 0
FIRST=$(start_job backup-dir)
check "the first job ends" wait_job "$FIRST" 120
check "it is good" job_clean "$FIRST"
check "nobody has the drive" wait_until 60 free_drive 0
tell_drive 0 trace on
SECOND=$(start_job backup-dir)
check "the second job ends" wait_job "$SECOND" 120
check "it is good" job_clean "$SECOND"
check "nobody has the drive" wait_until 60 free_drive 0
tell_drive 0 trace off
say "SPACE before its first block: $(spaces)"
check "the plugin's are the last two of them" test "$(spaces)" -ge 2

step "the drive does not come back"
tell_drive 0 answer 5 20 00 11 1 $(($(spaces) - 1))
THIRD=$(start_job backup-dir)
check "the job fails" wait_until 120 failed "$THIRD"
job_log "$THIRD" | grep -E "shstore|rror|Volume|waiting|Termination:" | show
check "it says why" job_logged "$THIRD" "the tape moved under us"
check "bacula-sd has the device open still" opened
check "so it stays locked" held_by 0 "${KEY[dir]}"
check "and status says what to do" status_says dir "release it in bconsole"

step "it is released in bconsole"
keep bc "release storage=${CHANGER[dir]} drive=0 slot=1"
check "the drive is free" wait_until 60 free_drive 0
check "and closed" not opened
LAST=$(start_job backup-dir)
check "the next job ends" wait_job "$LAST" 120
check "it is good" job_clean "$LAST"
check "it comes back byte for byte" restorable "$LAST" dir 120
