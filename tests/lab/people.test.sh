#!/bin/bash
# What storage-ctl tells a person about real devices: whose lock, able or not, the right pair of nodes or not; a program
# under the lock; a lock left behind.
# fabrics: loop iscsi
# seconds: 90
set -euo pipefail
# shellcheck source=tests/lab/guest/lab.sh
. /lab/in/lab.sh

verdict() { grep -q "^$1 *$2 " <<<"$KEPT"; }
printf 'Storage {\n Name = cibou-sd\n Plugin Directory = /etc/cibou-plugins\n}\n' >/etc/cibou-sd.conf   # as far as doctor reads it
install -D -m 0644 /lab/in/shstore-sd.so /etc/cibou-plugins/shstore-sd.so
doctor() { exits "$1" ctl cibou doctor --sd /etc/cibou-sd.conf --archive "$2"; }

check "explain: free" exits 0 ctl cibou explain
check "   it says so" has "is free: nobody holds it" "$KEPT"
check "dir lock" exits 0 ctl dir lock
check "explain: another Storage Daemon" exits 0 ctl cibou explain
check "   it names the key" has "is locked by $DIR_KEY" "$KEPT"
check "explain --json" exits 0 ctl cibou explain --json
check "   it names the case" has '"case": "other-sd"' "$KEPT"
check "dir explain: its own" exits 0 ctl dir explain
check "   it says so" has "is locked by this host's key $DIR_KEY" "$KEPT"

check "capabilities" exits 0 ctl cibou capabilities
check "   the drive can lock" has "  Exclusive Access" "$KEPT"

check "doctor: drive and tape node are a pair" doctor 0 "$(nst cibou)"
check "   found by their path" verdict ok archive
check "doctor: another drive's tape node" doctor 4 "$(nst cibou 1)"
check "   found" has "are two drives: the wrong one would be locked" "$KEPT"
check "doctor: the rewinding node" doctor 4 "/dev/st$(basename "$(nst cibou)" | tr -dc 0-9)"
check "   found" has "rewinds the tape when it is closed" "$KEPT"
check "doctor: no plugin" exits 4 ctl cibou doctor --sd /dev/null
check "doctor of the robot" exits 4 storage-ctl "$(robot cibou)" --config /etc/cibou.conf doctor --sd /etc/cibou-sd.conf
check "   it is no drive" has "this is the robot, not a drive" "$KEPT"

check "dir reclaim without asking is refused" exits 4 ctl dir reclaim
check "dir reclaim" exits 0 ctl dir reclaim --yes
check "   nothing is left" says "" ctl cibou regkeys
check "exec runs under the lock" exits 7 ctl cibou exec -- sh -c "storage-ctl /dev/dir/sg0 wholocked; exit 7"
check "   it saw it" has "$CIBOU_KEY" "$KEPT"
check "   nothing is left" says "" ctl cibou regkeys
check "exec that loses its lock" exits 6 ctl cibou exec -- \
    sh -c "storage-ctl /dev/dir/sg0 --config /etc/dir.conf preempt $CIBOU_KEY --yes --no-abort"
check "   it says so" has "the lock was LOST while the program ran" "$KEPT"
