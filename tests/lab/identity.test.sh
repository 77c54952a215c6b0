#!/bin/bash
# The lock is on the drive that is written, through the port that writes it. Host dir has two iSCSI sessions to the target: nodes of
# two drives are refused; links that are dealt out anew are followed; a path that goes away under a waiting job costs nothing
# (under a writing one: path-cut.test.sh).
# fabrics: iscsi
# seconds: 1500
set -euo pipefail
[ "${LAB_BACULA:-}" != 15.0.3 ] || TAPE_MB=240
# shellcheck source=tests/lab/guest/lab.sh
. /lab/in/lab.sh
# shellcheck source=tests/lab/guest/bacula.sh
. /lab/in/bacula.sh

drives_of() { session_target ifacename "$1" && nodes_of "$TARGET:0" && [ -n "$NST" ] && nodes_of "$TARGET:1" && [ -n "$NST" ] && nodes_of "$TARGET:2"; }
# lead IFACE [CONTROL-IFACE]: what host dir calls its drives and its robot is from now on what that session shows; Control Devices are
# the other one's
lead() {
    local n
    for n in 0 1; do
        session_target ifacename "$1" && nodes_of "$TARGET:$n" && ln -sfn "../$NST" "/dev/dir/nst$n" || return 1
        session_target ifacename "${2:-$1}" && nodes_of "$TARGET:$n" && ln -sfn "../$SG" "/dev/dir/sg$n" || return 1
    done
    session_target ifacename "$1" && nodes_of "$TARGET:2" && ln -sfn "../$SG" /dev/dir/robot
}
node() { iscsiadm -m node -T "$SAN_IQN" -p "$SAN_PORT,1" -I "$@" >/dev/null; }
log_in() { node "$1" --login && wait_until 20 drives_of "$1"; }
log_out() { node "$1" --logout; }
second_session() {
    iscsiadm -m iface -I dirb -o new >/dev/null && iscsiadm -m iface -I dirb -o update -n iface.initiatorname -v iqn.2026-11.lab:dir >/dev/null &&
        node dirb -o new && log_in dirb && lead dirb && settle dir
}
# held_through DRIVE IFACE: the nexus that has the lock is that session's (its ISID ends with the session's number), by READ FULL STATUS
held_through() {
    local status
    session_target ifacename "$2" && status=$(storage_ctl cibou "$1" query) || cannot_tell || return
    has "iqn.2026-11.lab:dir,i,0x$(printf '00023d%06x' "$SESSION")" "$status" && held_by "$1" "${KEY[dir]}"
}
job_through() { # IFACE: a job of dir runs, with its lock there, and comes back
    local job
    job=$(start_job backup-dir)
    check "it writes" wait_until 90 writing dir "$job"
    check "the lock is the writing session's" held_through 0 "$1"
    check "it ends" wait_job "$job" 120
    check "it is good" job_clean "$job"
    check "it comes back byte for byte" restorable "$job" dir 120
    [ "$LAB_BACULA" = 9.6.7 ] || rm -rf "$RUN/restore/$job" # the guest's memory is its disk
    check "the drive is free" wait_until 30 free_drive 0
}

configure_lab
for host in "${HOSTS[@]}"; do install_plugin "$host"; done
check "dir has a second session" second_session
check "names lead to the first one" lead dir
start_daemons
make_data dir 8
make_data cibou 4
# The File Daemon of 15.0.3 does not keep to Maximum Bandwidth.
if [ "$LAB_BACULA" = 15.0.3 ]; then
    for name in dir cibou; do head -c $((32 << 20)) /dev/urandom >"$RUN/data/$name/more"; done
fi
check "the robot loads a tape and dir labels it" tape 1 TAPE-1 dir
# The lock that came with the label's open is on the drive that is written: it stays good for five seconds, whatever the links lead to.
check "nothing stays of that" wait_until 30 free_drive 0
[ -z "${SETUP_ONLY:-}" ] || return 0

step "two nodes of two drives"
swap() { ln -sfn "$(readlink /dev/dir/sg1)" /dev/dir/sgX && mv -T "/dev/dir/sg0" /dev/dir/sg1 && mv -T /dev/dir/sgX /dev/dir/sg0; }
check "the Control Devices are swapped" swap
REFUSED=$(start_job backup-dir)
check "the job is refused" wait_until 60 waits_for dir "3613 JobId=$REFUSED cannot lock device"
check "with both identities" has "is another drive than its Archive Device /dev/dir/nst0 (" "$(waiting_text dir)"
check "nothing is locked" free_drive 0
check "on either" free_drive 1
cancel_job "$REFUSED"
check "it is canceled" wait_until 60 job_over "$REFUSED"
check "storage-ctl refuses too" exits 4 storage-ctl /dev/dir/sg0 --config /etc/dir.conf trylock --archive /dev/dir/nst0
lead dir

step "the Control Device is another path to the drive"
lead dir dirb
job_through dir
check "that is said" has "is another path to the drive than its Archive Device" "$(shstore_status dir)"

step "the links are dealt out anew between two jobs"
lead dirb dirb
job_through dirb
lead dir

step "the path is cut in mid-wait"
HOLDER=$(start_job backup-cibou)
check "cibou writes" wait_until 90 writing cibou "$HOLDER"
WAITER=$(start_job backup-dir)
check "dir waits" wait_until 60 waits_for dir "3612 JobId=$WAITER waiting because device"
check "its session is logged out" log_out dir
lead dirb
check "cibou's job ends" wait_job "$HOLDER" 120
check "the wait goes on, and the job ends" wait_job "$WAITER" 200
check "it is good" job_clean "$WAITER"
check "it comes back byte for byte" restorable "$WAITER" dir 120
check "the drive is free, of registrations too" wait_until 60 free_drive 0
