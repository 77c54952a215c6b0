#!/bin/bash
# More hosts than drives: twenty-one backups by three Storage Daemons, each with a tape of its own, on two drives and one
# robot behind shstore-changer. Every job waits for its turn, takes a drive, has the robot put its tape there, and is good;
# every tape is whole, and each backup comes back.
# fabrics: loop
# seconds: 900
set -euo pipefail
# shellcheck source=tests/lab/guest/lab.sh
. /lab/in/lab.sh
# shellcheck source=tests/lab/guest/bacula.sh
. /lab/in/bacula.sh

configure_lab
both_drives
check "a third host" add_third_host
one_at_a_time
pools_of_their_own
guarded
for host in "${HOSTS[@]}"; do install_plugin "$host"; done
start_daemons
make_data dir 1
slot=0
for host in "${HOSTS[@]}"; do
    slot=$((slot + 1))
    check "$host labels a tape" tape "$slot" "TAPE-$host" "$host" "$host"
done

declare -A JOBS=()
for _ in 1 2 3 4 5 6 7; do
    for host in "${HOSTS[@]}"; do
        job=$(start_job backup-dir "storage=${CHANGER[$host]}" "pool=$host")
        JOBS[$job]=$host
    done
done
mapfile -t IDS < <(printf '%s\n' "${!JOBS[@]}" | sort -n)
say "jobs: ${IDS[*]}"
for job in "${IDS[@]}"; do check "job $job of ${JOBS[$job]} ends" wait_job "$job" 600; done
bc "list jobs" | grep '^|' | show
all_logs() { for job in "${IDS[@]}"; do job_log "$job"; done; }
all_logs | grep -E 'after waiting|Issuing autochanger' | show
WAITED=$(all_logs | grep -c 'after waiting') MOVES=$(all_logs | grep -c 'Issuing autochanger')
check "jobs had to wait for drives ($WAITED did)" [ "$WAITED" -ge 3 ]
check "tapes had to change places ($MOVES loads and unloads)" [ "$MOVES" -ge 3 ]
for job in "${IDS[@]}"; do check "job $job is good" job_clean "$job"; done
for drive in 0 1; do check "nobody has drive $drive" wait_until 60 free_drive "$drive"; done
mtx -f "$(robot dir)" status | show
for job in "${IDS[@]}"; do
    [ "$job" -lt 19 ] || check "job $job comes back byte for byte" restorable "$job" dir 150
done
say "done after $(cut -d' ' -f1 /proc/uptime) s"
