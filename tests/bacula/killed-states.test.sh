#!/bin/bash
# kill -9 of a Storage Daemon in every state but writing (killed-holder): idle, waiting, with a lock that was taken ahead for a
# job which has not come yet, and between a job's end and the release. What it leaves behind stays until it is started again,
# and is given back then; the other host is not disturbed, and goes on afterwards.
# Bacula: 9.6.7
set -euo pipefail
# shellcheck source=tests/bacula/site.sh
. "$(dirname "${BASH_SOURCE[0]}")/site.sh"

gone_from_drive() { check "what cibou left behind is gone" wait_until 15 unregistered 0 "${KEY[cibou]}"; }
# forget ID: a job whose daemon was killed; the Director may not have noticed
forget() {
    job_over "$1" || cancel_job "$1"
    check "the killed job has ended" wait_until 60 job_over "$1"
    check "and not well" not job_is "$1" T
}
first_ends() {
    check "dir's job ends" jobs_end 60 "$FIRST"
    check "it is good" job_clean "$FIRST"
}
# deaf: a library in which nobody is woken, so that a job comes at Bacula's own next try
deaf() {
    cat >"$RUN/deaf.c" <<'END'
#include <errno.h>
#include <time.h>
int nanosleep(const struct timespec* time, struct timespec* left) {
  struct timespec rest = *time;
  (void)left;
  while (clock_nanosleep(CLOCK_MONOTONIC, 0, &rest, &rest) == EINTR) {
  }
  return 0;
}
END
    gcc -shared -fPIC -O2 -Wall -Werror -o "$RUN/deaf.so" "$RUN/deaf.c"
}
# archive_closed: cibou's daemon has closed the tape
archive_closed() { alive cibou-sd && not archive_open; }
archive_open() { readlink "/proc/${STARTED[cibou-sd]}"/fd/* | grep -qx "$RUN/tapes/drive0"; }

site
first_good

step "idle"
stop_sd cibou KILL
check "nothing is on the drive" free_drive 0
start_sd cibou

step "waiting"
dir_writes
cibou_waits
check "cibou has registered its key" wait_until 5 registered 0 "${KEY[cibou]}"
stop_sd cibou KILL
check "its key stays" registered 0 "${KEY[cibou]}"
start_sd cibou
gone_from_drive
check "dir still has the lock" held_by 0 "${KEY[dir]}"
check "and still writes" writing dir "$FIRST"
forget "$SECOND"
first_ends
check "nothing stays behind" wait_until 10 free_drive 0

step "with a lock that was taken ahead"
deaf
stop_sd cibou
BACULA_PRELOAD=$RUN/deaf.so start_sd cibou
dir_writes
cibou_waits
first_ends
check "cibou has taken the lock" wait_until 15 held_by 0 "${KEY[cibou]}"
check "for its job, which has not come yet" wait_until 5 grep -q "\"promised_to\": $SECOND" "$RUN/cibou/working/cibou-sd.shstore.json"
stop_sd cibou KILL
check "the lock stays" held_by 0 "${KEY[cibou]}"
start_sd cibou
gone_from_drive
forget "$SECOND"

step "between the end of a job and the release"
job=$(start_job backup-cibou)
check "job $job writes" wait_until 30 writing cibou "$job"
check "its daemon has the tape open" archive_open
kill -STOP "${STARTED[target]}"
check "it has written its last" wait_until 45 archive_closed
stop_sd cibou KILL
kill -CONT "${STARTED[target]}"
check "the lock stays" held_by 0 "${KEY[cibou]}"
SECOND=$(start_job backup-dir)
check "a job of dir waits" wait_until 20 waits_for dir "JobId=$SECOND waiting because"
start_sd cibou
check "it writes as soon as cibou has given its lock back" wait_until 45 writing dir "$SECOND"
forget "$job"
check "dir's job ends" jobs_end 60 "$SECOND"
check "it is good" job_clean "$SECOND"
check "nothing stays behind" wait_until 10 free_drive 0
check "the first backup comes back byte for byte" restorable "$GOOD" cibou 60
check "those of dir too" eval "restorable $FIRST dir 60 && restorable $SECOND dir 60"
