#!/bin/bash
# Twenty backups by two Storage Daemons on two drives and one robot, as fast as the Director hands them out: every job is
# good, every tape is whole, and each backup comes back.
# fabrics: loop
# seconds: 700
set -euo pipefail
# shellcheck source=tests/lab/guest/lab.sh
. /lab/in/lab.sh
# shellcheck source=tests/lab/guest/bacula.sh
. /lab/in/bacula.sh

configure_lab
both_drives
pools_of_their_own
for host in "${HOSTS[@]}"; do install_plugin "$host"; done
start_daemons
make_data cibou 1
make_data dir 1
check "cibou labels a tape" tape 1 TAPE-1 cibou cibou
check "the lock of that open has ended" wait_until 30 free_drive 0
check "dir labels a tape" tape 2 TAPE-2 dir dir

declare -A JOBS=()
for round in 1 2 3 4 5 6 7 8 9 10; do
    for host in cibou dir; do
        job=$(start_job "backup-$host" "pool=$host")
        JOBS[$job]=$host
    done
done
say "jobs: ${!JOBS[*]}"
for job in "${!JOBS[@]}"; do check "job $job of ${JOBS[$job]} ends" wait_job "$job" 500; done
bc "list jobs" | grep '^|' | show
for job in "${!JOBS[@]}"; do check "job $job is good" job_clean "$job"; done
for drive in 0 1; do check "nobody has drive $drive" wait_until 30 free_drive "$drive"; done
mtx -f "$(robot dir)" status | show
for job in "${!JOBS[@]}"; do
    [ "$job" -lt 19 ] || check "job $job comes back byte for byte" restorable "$job" "${JOBS[$job]}" 100
done
say "done after $(cut -d' ' -f1 /proc/uptime) s"
