#!/bin/bash
# bacula-sd itself has no descriptors left, and no memory for more: what it does then is Bacula's, but its jobs end well or with
# a reason, no lock stays, and the next job is good.
# Bacula: 9.6.7 15.0.3
set -euo pipefail
# shellcheck source=tests/bacula/site.sh
. "$(dirname "${BASH_SOURCE[0]}")/site.sh"
# shellcheck source=tests/bacula/few.sh
. "$(dirname "${BASH_SOURCE[0]}")/few.sh"

declare -A BEFORE=()
limit() { # NAME VALUE: the soft limit, so that it can be lifted again
    BEFORE[$1]=$(prlimit_of cibou "--$1" --noheadings --raw --output SOFT)
    prlimit_of cibou "--$1=$2:"
}
lift() { prlimit_of cibou "--$1=${BEFORE[$1]}:"; }
size_of_daemon() { awk '{ print $1 * 4096 }' "/proc/${STARTED[cibou-sd]}/statm"; }
# lives_on: the daemon, or its next life; the first may have been ended by Bacula's own handling of memory
lives_on() {
    alive cibou-sd || { say "bacula-sd has ended; it is started again"; start_sd cibou; }
}
# over ID: the job has ended, by itself or because its daemon did
over() {
    job_over "$1" || { lives_on && cancel_job "$1"; }
    check "job $1 has ended" wait_until 90 job_over "$1"
    check "well, or with a reason" ended_with_reason "$1"
    check "nothing stays behind" wait_until 30 free_drive 0
}
good_job() {
    local job
    job=$(start_job backup-cibou)
    check "the next job ends" jobs_end "$((NEXT_TRY + 60))" "$job"
    check "it is good" job_clean "$job"
    check "the drive is free again" wait_until 15 free_drive 0
    LAST=$job
}

site
first_good

step "no descriptors, while a job writes"
job=$(start_job backup-cibou)
check "job $job writes" wait_until 30 writing cibou "$job"
limit nofile 3
check "its lock stays its own" held_by 0 "${KEY[cibou]}"
sleep 12
lift nofile
wait_until 45 job_over "$job" || true
over "$job"
good_job

step "no descriptors, while a job waits for the other host"
dir_writes
cibou_waits
limit nofile 3
check "dir's job ends" jobs_end 60 "$FIRST"
check "it is good" job_clean "$FIRST"
check "cibou has not got the lock" not held_by 0 "${KEY[cibou]}"
lift nofile
wait_until "$((NEXT_TRY + 45))" job_over "$SECOND" || true
over "$SECOND"

step "no more memory, while a job writes"
job=$(start_job backup-cibou)
check "job $job writes" wait_until 30 writing cibou "$job"
limit as "$(size_of_daemon)"
sleep 12
! alive cibou-sd || lift as
lives_on
wait_until 45 job_over "$job" || true
over "$job"
good_job
check "the first backup comes back byte for byte" restorable "$GOOD" cibou 60
check "the last one too" restorable "$LAST" cibou 60
