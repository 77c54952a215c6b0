#!/bin/bash
# A lock that hangs on an iSCSI session that has ended, by hand: nothing of the host gets it back but reclaim, every message says so, and
# reclaim does it. Another key under the host's own name is told. Names by the initiator's side differ by session.
# fabrics: iscsi
# seconds: 300
set -euo pipefail
# shellcheck source=tests/lab/guest/lab.sh
. /lab/in/lab.sh

node() { iscsiadm -m node -T "$SAN_IQN" -p "$SAN_PORT,1" -I dir "$@" >/dev/null; }
again() { node --logout && node --login && wait_until 20 link_devices dir && settle dir; }
name() { bash "$IN/bin/shstore-tape-nexus" "$(readlink -f "/sys/class/$1/$2")"; }

step "a lock of a session that has ended"
check "dir has the lock" exits 0 ctl dir lock
check "its session is logged out and in" again
check "trylock fails" exits 24 ctl dir trylock
check "and names what helps" has 'reclaim" gives it back'
check "unlock fails" exits 4 ctl dir unlock
check "and names it too" has 'reclaim" gives it back'
check "without a yes nothing is done" exits 4 ctl dir reclaim
check "and it says what it cannot know" has "perhaps our own, ended session"
check "with one it is" exits 0 ctl dir reclaim --yes
check "nobody has the lock" says "" ctl cibou wholocked
check "nor a registration" says "" ctl cibou regkeys
check "dir locks" exits 0 ctl dir trylock
check "and gives back" exits 0 ctl dir unregister

step "another machine by the same name"
check "its key is registered" sg_persist --out --register-ignore --param-sark=bac777 "$(sg dir)"
check "doctor fails" exits 4 ctl dir doctor
check "and says why" has "0xbac777 is registered by this host's own iSCSI name"

step "names that carry the initiator's side"
SG_NAME=$(name scsi_generic "$(basename "$(sg dir)")") NST_NAME=$(name scsi_tape "$(basename "$(nst dir)")")
say "$SG_NAME $NST_NAME"
check "both nodes of a drive have one" equal "$SG_NAME" "$NST_NAME"
check "by its interface" has "-iscsi-dir" "$SG_NAME"
check "another host has another" not equal "$SG_NAME" "$(name scsi_generic "$(basename "$(sg cibou)")")"
