#!/bin/bash
# One host has Bacula 9.6.7 and the other one 15.0.3, each with its own Director, catalog and tape: two sites, one library.
# Both want one drive. The second waits, touches neither drive nor robot meanwhile, and both backups are whole.
# Bacula: 9.6.7+15.0.3 15.0.3+9.6.7
set -euo pipefail
# shellcheck source=tests/bacula/site.sh
. "$(dirname "${BASH_SOURCE[0]}")/site.sh"

# own_directives: 15.0.3 has some that 9.6.7 does not know; the plugin reads the same file
own_directives() {
    local host
    for host in "${HOSTS[@]}"; do
        [ "${VERSION[$host]}" = "$BACULA_NEWER" ] || continue
        sed -i -e 's|^Storage {|&\n  TLS PSK Enable = yes|' \
            -e 's|^Device {|&\n  Set Volume Read Only = no\n  Minimum Volume Protection Time = 30 days|' "$RUN/$host/bacula-sd.conf"
    done
}
# whole HOST ID NAME: that backup ended well and comes back byte for byte
whole() {
    check "job $2 of $1 is good" at "$1" job_clean "$2"
    check "it comes back byte for byte" at "$1" restorable "$2" "$3" 60
}

prepare
configure
use_robot 2
own_directives
start_daemons
data
check "dir's Storage Daemon is ${VERSION[dir]}" has "dir-sd Version: ${VERSION[dir]} " "$(sd_status dir)"
check "cibou's is ${VERSION[cibou]}" has "cibou-sd Version: ${VERSION[cibou]} " "$(sd_status cibou)"
check "dir labels the tape in slot 1" label_slot dir 1
check "cibou labels the tape in slot 2" label_slot cibou 2

dir_writes
moves=$(<"$RUN/robot/log")
cibou_waits
check "dir's job still writes" at dir writing dir "$FIRST"
check "the robot has not moved" equal "$(<"$RUN/robot/log")" "$moves"
check "dir's job ends" at dir jobs_end 60 "$FIRST"
check "now the other host writes" wait_until "$NEXT_TRY" writing cibou "$SECOND"
check "cibou has the lock" held_by 0 "${KEY[cibou]}"
check "it ends" at cibou jobs_end 60 "$SECOND"
check "nothing stays behind" wait_until 10 free_drive 0
whole dir "$FIRST" dir
whole cibou "$SECOND" cibou
check "nothing stays behind" wait_until 10 free_drive 0
