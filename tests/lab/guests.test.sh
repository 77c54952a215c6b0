#!/bin/bash
# Hosts with kernels of their own: each has its own sysfs, device nodes, uevents and udev. The daemon of host dir runs by udev's names,
# whatever the nodes' numbers are: drives that come up in another order, two sessions to two portals, names that are dealt out anew, a line
# that is cut and comes back, sessions in another order, a bus that is scanned again. Host cibou looks on.
# by-name: iscsi
# guests: san dir cibou
# seconds: 5400
set -euo pipefail
TAPE_MB=200 # for all its jobs
# shellcheck source=tests/lab/guest/lab.sh
. /lab/in/lab.sh
# shellcheck source=tests/lab/guest/hosts.sh
. /lab/in/hosts.sh

# on_dir, on_cibou: the same words as a question
on_dir() { on dir "$@"; }
on_cibou() { on cibou "$@"; }
kept() { keep on "$@"; }
# holder DRIVE: the key that has it, as cibou's own machine sees it
holder() { on cibou bash -c "storage-ctl \"\$1\" --config /etc/storage-ctl.conf wholocked" - "$(on cibou sg "$1" 1)"; }
held() { local key; key=$(holder "$1") || cannot_tell || return; [ "$key" = "$2" ]; }
free() { local key; key=$(holder "$1") || cannot_tell || return; [ -z "$key" ]; }
# no_jobs DRIVE: no job of dir has it. Whoever opens it without asking, as udev does for each name that it deals out, has its lock for as
# long as that is open and five seconds more; the state says so.
no_jobs() {
    local status=0
    free "$1" || status=$?
    [ "$status" = 1 ] || return "$status"
    on_dir opened "$1"
}
# devices ARCHIVE0 CONTROL0 ARCHIVE1 CONTROL1 ROBOT: dir's daemon has these from now on
devices() { on dir use_devices "$@"; }
by_id_of() { on dir by_id "$1"; }
# job LINE: a backup of dir runs with its lock on drive 0, and comes back
job() {
    local id
    id=$(on dir start_job backup-dir)
    check "   job $id writes" wait_until 120 on_dir writing dir "$id"
    check "   drive 0 is dir's" held 0 "$DIR_KEY"
    [ -z "${1:-}" ] || check "   by the session that writes" on_dir held_through 0 "$1"
    check "   drive 1 is no job's" wait_until 60 no_jobs 1
    check "   it ends" on_dir wait_job "$id" 180
    check "   it is good" on_dir job_clean "$id"
    check "   it comes back byte for byte" on_dir restorable "$id" dir 180
    check "   the drive is free" wait_until 60 free 0
}

check "both hosts are up" hosts_up dir cibou
check "they have kernels of their own" on_cibou uname -sr
on dir uname -sr | show
check "cibou is logged in" on_cibou log_in 1
check "dir is logged in" on_dir log_in 1
on dir lsscsi -g | show
on dir bash -c 'ls -l /dev/tape/by-*' | show
check "dir's Bacula is configured" on_dir source /lab/in/host-bacula.sh

step "names by-id"
ID0=$(by_id_of 0) ID1=$(by_id_of 1) ROBOT_ID=$(on dir robot_id)
check "both nodes of a drive have one" equal "$(on dir readlink -f "$ID0-sg" "$ID0-nst")" "$(on dir sg 0 1)
$(on dir nst 0 1)"
devices "$ID0-nst" "$ID0-sg" "$ID1-nst" "$ID1-sg" "$ROBOT_ID"
check "Bacula runs" on_dir daemons_up
check "the robot loads a tape and dir labels it" on_dir tape 1 TAPE-1 dir
check "nothing stays of that" wait_until 60 free 0
job

step "the drives come up in swapped order"
SG0=$(on dir sg 0 1)
# The plugin has the generic nodes open, and a number is free when the last one has closed it.
check "dir's daemon is stopped, as at a reboot" on_dir stop_sd dir
check "rescan, the other one first" on_dir swap_drives 1
on dir lsscsi -g | show
check "their nodes are swapped" equal "$(on dir sg 1 1)" "$SG0"
check "the names are not" equal "$(on dir readlink -f "$ID0-sg")" "$(on dir sg 0 1)"
check "dir's daemon is started" on_dir start_sd dir
say "the same configuration:"
job
say "with plain names, that of the Control Device from before:"
devices "$ID0-nst" "$SG0" "$ID1-nst" "$(on dir sg 0 1)" "$ROBOT_ID"
check "dir starts again" on_dir daemon_again
REFUSED=$(on dir start_job backup-dir)
check "the job is refused" wait_until 60 on_dir waits_for dir "3613 JobId=$REFUSED cannot lock device"
check "with both identities" kept dir waiting_text dir
show <<<"$KEPT"
check "   that of its Control Device" has "LABDRIVE01"
check "   and that of its Archive Device" has "is another drive than its Archive Device $ID0-nst ("
check "   which is the first one" has "LABDRIVE00"
check "nothing is locked" free 0
check "on either" free 1
on dir cancel_job "$REFUSED"
check "it is canceled" wait_until 60 on_dir job_over "$REFUSED"

step "two sessions to two portals"
check "dir logs in by the second line" on_dir log_in 2
on dir lsscsi -g | show
N01=$(on dir by_nexus 0 1) N02=$(on dir by_nexus 0 2) N11=$(on dir by_nexus 1 1) N12=$(on dir by_nexus 1 2)
on dir bash -c 'ls -l /dev/tape/by-*' | show
for line in 1 2; do
    check "line $line has names of its own" on_dir leads_to "$(on dir by_nexus 0 "$line")-sg" "$(on dir sg 0 "$line")"
    check "   both" on_dir leads_to "$(on dir by_nexus 0 "$line")-nst" "$(on dir nst 0 "$line")"
done
devices "$N01-nst" "$N01-sg" "$N11-nst" "$N11-sg" "$ROBOT_ID"
check "dir starts again" on_dir daemon_again
job 1
devices "$N02-nst" "$N02-sg" "$N12-nst" "$N12-sg" "$ROBOT_ID"
check "dir starts again" on_dir daemon_again
job 2

step "udevadm trigger between two jobs, with the names by-id that lead to either session"
devices "$ID0-nst" "$ID0-sg" "$ID1-nst" "$ID1-sg" "$ROBOT_ID"
check "dir starts again" on_dir daemon_again
job
for _ in 1 2; do
    check "all names are dealt out anew" on_dir deal_names
    on dir readlink -f "$ID0-nst" "$ID0-sg" | show
    job
done

step "a line is cut, and comes back"
devices "$N02-nst" "$N02-sg" "$N12-nst" "$N12-sg" "$ROBOT_ID"
check "dir starts again" on_dir daemon_again
check "one command cuts it" on_dir cut_line 2
check "commands fail there" wait_until 180 on_dir away 0 2
WAITING=$(on dir start_job backup-dir)
check "a job is not admitted" wait_until 120 on_dir waits_for dir "JobId=$WAITING"
on dir waiting_text dir | show
check "one command, and it is back" on_dir heal_line 2
check "the drive answers" wait_until 180 on_dir answers 0 2
check "the job ends" on_dir wait_job "$WAITING" 400
check "it is good" on_dir job_clean "$WAITING"
check "it comes back byte for byte" on_dir restorable "$WAITING" dir 180
check "the drive is free" wait_until 60 free 0

step "logout, and login in another order"
BEFORE=$(on dir sg 0 1)
for line in 1 2; do check "line $line is logged out" on_dir log_out "$line"; done
for line in 2 1; do check "line $line is logged in" on_dir log_in "$line"; done
check "the first line's drive is another node" not equal "$(on dir sg 0 1)" "$BEFORE"
check "the names follow" on_dir leads_to "$N01-sg" "$(on dir sg 0 1)"
devices "$N01-nst" "$N01-sg" "$N11-nst" "$N11-sg" "$ROBOT_ID"
check "dir starts again" on_dir daemon_again
job 1

step "the bus is scanned again under a running daemon"
check "a scan that finds nothing new" on_dir rescan 1
job 1
check "both drives go and are found again" on_dir find_again 1
on dir lsscsi -g | show
check "the names follow" on_dir leads_to "$N01-sg" "$(on dir sg 0 1)"
check "   both" on_dir leads_to "$N01-nst" "$(on dir nst 0 1)"
job 1
