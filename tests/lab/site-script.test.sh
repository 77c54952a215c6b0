#!/bin/bash
# A site's own Lock Command: host cibou has a shell script around sg_persist, host dir our storage-ctl. Each waits for the other on
# real tapes, and both get their data back.
# fabrics: iscsi
# seconds: 300
set -euo pipefail
# shellcheck source=tests/lab/guest/lab.sh
. /lab/in/lab.sh
# shellcheck source=tests/lab/guest/bacula.sh
. /lab/in/bacula.sh

configure_lab
for host in "${HOSTS[@]}"; do install_plugin "$host"; done
sed -i -E "s|^( *Lock Command *= *).*|\1\"$IN/bin/site_lock.sh %o %l\"|" "$RUN/cibou/bacula-sd.conf"
start_daemons
make_data dir 3
make_data cibou 3
check "the robot loads a tape and dir labels it" tape 1 TAPE-1 dir

# in_turn HOST OTHER: a job of HOST writes, one of OTHER waits for it and comes after it
in_turn() {
    local first second
    step "$1 writes, $2 waits"
    first=$(start_job "backup-$1")
    check "job $first writes through $1-sd" wait_until 60 writing "$1" "$first"
    check "$1 has the lock" held_by 0 "${KEY[$1]}"
    second=$(start_job "backup-$2")
    check "job $second waits for $1" wait_until 60 waits_for "$2" "3612 JobId=$second waiting because device"
    keep waiting_text "$2"
    check "by its key" has "is reserved by: ${KEY[$1]}."
    check "job $first ends" wait_job "$first" 100
    check "job $second ends" wait_job "$second" 120
    check "job $first is good" job_clean "$first"
    check "job $second is good" job_clean "$second"
    check "nothing stays on the drive" wait_until 20 free_drive 0
    JOBS+=("$first $1" "$second $2")
}
JOBS=()
in_turn dir cibou
in_turn cibou dir
for job in "${JOBS[@]}"; do
    # shellcheck disable=SC2086
    check "job ${job% *} of ${job#* } comes back byte for byte" restorable $job 100
done
check "nothing stays on the drive" wait_until 20 free_drive 0
