#!/bin/bash
# A Storage Daemon whose memory layout is not the one that its version stands for: cibou's is given a library with another
# version in its name. It locks and waits like any other; only "status storage" does not say for whom, and that is told.
# Bacula: 9.6.7 15.0.3
set -euo pipefail
# shellcheck source=tests/bacula/site.sh
. "$(dirname "${BASH_SOURCE[0]}")/site.sh"

# disguise VERSION: cibou's daemon from now on. The plugin knows the version by the file name of libbacsd.
disguise() {
    local real=${VERSION[cibou]}
    cp "$(bacula_root "$real")/usr/lib/bacula/libbacsd-$real.so" "$RUN/libbacsd-$1.so"
    stop_sd cibou
    BACULA_PRELOAD=$RUN/libbacsd-$1.so start_sd cibou
}

site
case ${VERSION[cibou]} in
9.6.7) name=15.0.3 limit="the layout of bacula-sd 15.0.3 is not that of the build that was tested" ;;
*) name=15.0.99 limit="the layout of bacula-sd 15.0.99 is not proven" ;;
esac
disguise "$name"
first_good
check "shstore-status says what is off" wait_until 5 status_says cibou "$limit"
check "so does the first job's log" job_logged "$GOOD" "shstore: Bacula's \"status storage\" does not say"
check "which is no warning" lacks "Warning: shstore" "$(job_log "$GOOD")"

dir_writes
SECOND=$(start_job backup-cibou)
waits="3612 JobId=$SECOND waiting because device $DRIVE0 is reserved by: ${KEY[dir]}."
check "job $SECOND waits, and its log says for whom" wait_until 20 job_logged "$SECOND" "$waits"
check "the console does not say for whom" not waits_for cibou 3612
check "the job waits all the same" job_is "$SECOND" R
check "and has written nothing" not writing cibou "$SECOND"
check "shstore-status shows it" wait_until 5 status_says cibou "blockedbySD=${KEY[dir]}"
check "nothing is told twice" lacks "shstore: Bacula's" "$(job_log "$SECOND")"
check "dir still has the lock" held_by 0 "${KEY[dir]}"
check "the first job ends" jobs_end 60 "$FIRST"
check "it is good" job_clean "$FIRST"
check "the second one writes, in its turn" wait_until "$NEXT_TRY" writing cibou "$SECOND"
check "it ends" jobs_end 60 "$SECOND"
check "it is good" job_clean "$SECOND"
check "nothing stays behind" wait_until 10 free_drive 0
check "the first backup comes back byte for byte" restorable "$FIRST" dir 60
check "and the second" restorable "$SECOND" cibou 60
