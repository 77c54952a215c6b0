#!/bin/bash
# The lock is on the drive that is written, through the port that writes it. Host dir has two iSCSI sessions to the target: nodes of
# two drives are refused; links that are dealt out anew are followed; a path that goes away under a waiting job costs nothing, and under
# a writing one that job and no more; a lock of an ended session is given back; two machines with one name are told.
# fabrics: iscsi
# seconds: 1500
set -euo pipefail
# shellcheck source=tests/lab/guest/lab.sh
. /lab/in/lab.sh
# shellcheck source=tests/lab/guest/bacula.sh
. /lab/in/bacula.sh

# target_of IFACE: sets TARGET to H:C:T of the session through that interface, SESSION to its number
target_of() {
    local session folder name
    for session in /sys/class/iscsi_session/session*; do
        read -r name 2>/dev/null <"$session/ifacename" || continue
        [ "$name" = "$1" ] || continue
        SESSION=${session##*session}
        for folder in "$session"/device/target*; do
            [ -e "$folder" ] || continue
            TARGET=${folder##*/target}
            return
        done
    done
    return 1
}
drives_of() { target_of "$1" && nodes_of "$TARGET:0" && [ -n "$NST" ] && nodes_of "$TARGET:1" && [ -n "$NST" ] && nodes_of "$TARGET:2"; }
# lead IFACE [CONTROL-IFACE]: what host dir calls its drives and its robot is from now on what that session shows; Control Devices are
# the other one's
lead() {
    local n
    for n in 0 1; do
        target_of "$1" && nodes_of "$TARGET:$n" && ln -sfn "../$NST" "/dev/dir/nst$n" || return 1
        target_of "${2:-$1}" && nodes_of "$TARGET:$n" && ln -sfn "../$SG" "/dev/dir/sg$n" || return 1
    done
    target_of "$1" && nodes_of "$TARGET:2" && ln -sfn "../$SG" /dev/dir/robot
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
    target_of "$2" && status=$(storage_ctl cibou "$1" query) || cannot_tell || return
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
    check "the drive is free" wait_until 30 free_drive 0
}

configure_lab
for host in "${HOSTS[@]}"; do install_plugin "$host"; done
check "dir has a second session" second_session
check "names lead to the first one" lead dir
start_daemons
make_data dir 8
make_data cibou 4
check "the robot loads a tape and dir labels it" tape 1 TAPE-1 dir

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

step "the path is cut in mid-job"
log_in dir && lead dir && settle dir
CUT=$(start_job backup-dir)
check "dir writes" wait_until 90 writing dir "$CUT"
check "the lock is that session's" held_through 0 dir
check "its session is logged out" log_out dir
check "the job fails" wait_until 150 job_over "$CUT"
check "it is no good one" not job_is "$CUT" T
check "it says why" job_logged "$CUT" "lost its path"
lead dirb
check "its lock is given back by the other path, without clear" wait_until 90 free_drive 0
bc "update volume=TAPE-1 volstatus=Used" >/dev/null
check "another tape is labeled" tape 2 TAPE-2 cibou
job_through dirb

step "a lock that was taken by hand, of a session that has ended"
log_in dir && lead dir && settle dir
check "dir has the lock" exits 0 ctl dir lock
check "its session is logged out" log_out dir
log_in dir && lead dir && settle dir
check "trylock fails" exits 24 ctl dir trylock
check "and names what helps" has 'reclaim" gives it back'
check "unlock fails" exits 4 ctl dir unlock
check "and names it too" has 'reclaim" gives it back'
check "without a yes nothing is done" exits 4 ctl dir reclaim
check "and it says what it cannot know" has "perhaps our own, ended session"
check "with one it is" exits 0 ctl dir reclaim --yes
check "the drive is free" free_drive 0

step "another machine by the same name"
sg_persist --out --register-ignore --param-sark=bac777 "/dev/$(target_of dirb && nodes_of "$TARGET:0" && echo "$SG")" >/dev/null
check "doctor fails" exits 4 ctl dir doctor
check "and says why" has "0xbac777 is registered by this host's own iSCSI name"
CLONE=$(start_job backup-dir)
check "a job is refused" wait_until 60 waits_for dir "0xbac777 is registered by this host's own iSCSI name"
check "nothing is locked" equal "$(holder 0)" ""
check "what doctor advises" exits 0 ctl dir preempt bac777 --yes
check "helps: the job ends" wait_job "$CLONE" 150
check "it is good" job_clean "$CLONE"

step "names that carry the initiator's side"
# name NODE: what the udev rule makes of it
name() { bash "$IN/bin/shstore-tape-nexus" "/sys$(cd "/sys/class/$1/$2" && pwd -P | sed 's|^/sys||')"; }
by_nexus() { # IFACE: one line for each drive; both of its nodes have the same name
    local n generic tape
    for n in 0 1; do
        target_of "$1" && nodes_of "$TARGET:$n" || return 1
        generic=$(name scsi_generic "$SG") tape=$(name scsi_tape "$NST")
        [ -n "$tape" ] && [ "$generic" = "$tape" ] || return 1
        echo "$tape"
    done
}
FIRST_NAMES=$(by_nexus dir) SECOND_NAMES=$(by_nexus dirb)
say "$FIRST_NAMES" "$SECOND_NAMES"
check "both nodes of a drive have one, and each session its own" not equal "$FIRST_NAMES" "$SECOND_NAMES"
check "by interface" has "-iscsi-dirb" "$SECOND_NAMES"

step "the drives come up in swapped order"
PLAIN=$(readlink -f /dev/dir/nst0) PLAIN_SG=$(readlink -f /dev/dir/sg0)
swapped_order() {
    target_of dir || return 1
    local host=${TARGET%%:*} n
    for n in 0 1; do echo 1 >"/sys/class/scsi_device/$TARGET:$n/device/delete"; done
    for n in 1 0; do echo "0 0 $n" >"/sys/class/scsi_host/host$host/scan"; done
    wait_until 20 drives_of dir
}
stop_sd dir
check "drive 1 is found first" swapped_order
settle dir
check "the numbers are the other drive's" not equal "$(target_of dir && nodes_of "$TARGET:0" && echo "/dev/$NST")" "$PLAIN"
cp "$RUN/dir/bacula-sd.conf" "$RUN/dir/by-name.conf"
sed -i -e "s|= /dev/dir/nst0\$|= $PLAIN|" -e "s|= /dev/dir/sg0\$|= $PLAIN_SG|" "$RUN/dir/bacula-sd.conf"
# What was locked by these names before is in the state file by the names of the configuration.
sed -i -e "s|\"/dev/dir/nst0\"|\"$PLAIN\"|" -e "s|\"/dev/dir/sg0\"|\"$PLAIN_SG\"|" "$RUN"/dir/working/dir-sd.shstore.json
start_sd dir
REFUSED=$(start_job backup-dir)
check "by number the job is refused" wait_until 60 waits_for dir "is another drive now"
cancel_job "$REFUSED"
check "it is canceled" wait_until 60 job_over "$REFUSED"
stop_sd dir
mv "$RUN/dir/by-name.conf" "$RUN/dir/bacula-sd.conf"
sed -i -e "s|\"$PLAIN\"|\"/dev/dir/nst0\"|" -e "s|\"$PLAIN_SG\"|\"/dev/dir/sg0\"|" "$RUN"/dir/working/dir-sd.shstore.json
lead dir
check "the lasting names are the same" equal "$(by_nexus dir)" "$FIRST_NAMES"
start_sd dir
job_through dir
