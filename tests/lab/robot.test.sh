#!/bin/bash
# One robot, two hosts. The stock mtx-changer moves whatever it is told to: a tape out of the drive that another host has
# locked, too. shstore-changer refuses that and says who has the drive; and twenty loads and twenty unloads of two hosts at the
# same time go without one wrong move.
# fabrics: loop
# seconds: 400
set -euo pipefail
# shellcheck source=tests/lab/guest/lab.sh
. /lab/in/lab.sh
# shellcheck source=tests/lab/guest/bacula.sh
. /lab/in/bacula.sh

configure_lab
guarded
for host in "${HOSTS[@]}"; do install_plugin "$host"; done
declare -A SLOT=([cibou]=1 [dir]=2)

stock() { timeout 120 /etc/bacula/scripts/mtx-changer "/dev/$1/robot" "$2" "$3" "/dev/$1/nst$4" "$4"; }
guard_of() { timeout 240 shstore-changer "/dev/$1/robot" "$2" "$3" "/dev/$1/nst$4" "$4" --sd "$RUN/$1/bacula-sd.conf"; }
drive_lock() { storage-ctl "/dev/$1/sg$2" "$3" --config "/etc/$1.conf"; }
# in_drive DRIVE: the barcode of the tape that is there
in_drive() { mtx -f "$(robot dir)" status | sed -n "s/^Data Transfer Element $1:Full.*VolumeTag *= *\\([^ ]*\\).*/\\1/p"; }
holds() {   # DRIVE BARCODE, which may be empty
    local tape
    tape=$(in_drive "$1") || cannot_tell || return
    [ "$tape" = "$2" ]
}

step "the stock script: dir unloads the tape of cibou's drive"
check "cibou locks the drive" drive_lock cibou 0 lock
check "and loads its tape" stock cibou load 1 0
check "dir's mtx-changer unloads it" stock dir unload 1 0
check "the drive that cibou has locked is empty" holds 0 ""

step "shstore-changer does not"
check "cibou loads its tape" guard_of cibou load 1 0
check "it is there" holds 0 "$(barcode 1)"
echo 'drive_wait=3' >/tmp/short.conf
check "dir's shstore-changer is refused" exits 24 shstore-changer /dev/dir/robot unload 1 /dev/dir/nst0 0 \
    --sd "$RUN/dir/bacula-sd.conf" --config /tmp/short.conf
show <<<"$KEPT"
check "and names the host" has "reserved by: $CIBOU_KEY"
check "the tape is still there" holds 0 "$(barcode 1)"
check "dir may load the other drive" guard_of dir load 2 1
check "and unload it" guard_of dir unload 2 1
check "nothing of that is left on it" says "" storage-ctl /dev/cibou/sg1 regkeys --config /etc/cibou.conf
check "cibou unloads" guard_of cibou unload 1 0
check "and gives the drive back" drive_lock cibou 0 unlock
check "   all of it" drive_lock cibou 0 unregister

# ten_rounds HOST CHANGER LOCK: each loads its tape into one drive and the other, looks, and unloads
ten_rounds() {
    local host=$1 changer=$2 lock=$3 round drive slot=${SLOT[$1]} wrong=0
    for round in 1 2 3 4 5 6 7 8 9 10; do
        drive=$((round % 2))
        [ -z "$lock" ] || drive_lock "$host" "$drive" lock || wrong=$((wrong + 1))
        "$changer" "$host" load "$slot" "$drive" || wrong=$((wrong + 1))
        [ "$(in_drive "$drive")" = "$(barcode "$slot")" ] || { echo "$host: drive $drive holds \"$(in_drive "$drive")\""; wrong=$((wrong + 1)); }
        "$changer" "$host" unload "$slot" "$drive" || wrong=$((wrong + 1))
        [ -z "$lock" ] || { drive_lock "$host" "$drive" unlock && drive_lock "$host" "$drive" unregister; } || wrong=$((wrong + 1))
    done
    echo "$wrong" >"/tmp/wrong-$host"
}
# both_hosts CHANGER LOCK: at the same time; WRONG: what went wrong
both_hosts() {
    local host pid pids=()
    rm -f /tmp/wrong-*
    for host in cibou dir; do
        ten_rounds "$host" "$1" "$2" >"/tmp/rounds-$host" 2>&1 &
        pids+=("$!")
    done
    # wait with several gives the last one's status only
    for pid in "${pids[@]}"; do wait "$pid" || die "the rounds of a host have not come to their end" /tmp/rounds-*; done
    WRONG=$(($(cat /tmp/wrong-cibou) + $(cat /tmp/wrong-dir)))
}
home() { mtx -f "$(robot dir)" status | grep -c 'Storage Element [0-9]*:Full'; }

step "twenty loads and unloads of two hosts at the same time: the stock script"
both_hosts stock ''
head -n 12 /tmp/rounds-cibou | show
check "something goes wrong or is refused by the robot ($WRONG times)" [ "$WRONG" -ge 1 ]
for drive in 0 1; do
    case $(in_drive "$drive") in
    "$(barcode 1)") stock dir unload 1 "$drive" ;;
    "$(barcode 2)") stock dir unload 2 "$drive" ;;
    esac
done
check "all six tapes are in their slots again" [ "$(home)" = 6 ]

step "twenty loads and unloads of two hosts at the same time: shstore-changer"
both_hosts guard_of locked
cat /tmp/rounds-cibou /tmp/rounds-dir | grep -vE '^(Loading|Unloading)' | head -n 20 | show
check "not one goes wrong" [ "$WRONG" = 0 ]
check "all six tapes are in their slots" [ "$(home)" = 6 ]
for drive in 0 1; do check "nobody has drive $drive" says "" storage-ctl "/dev/cibou/sg$drive" regkeys --config /etc/cibou.conf; done
check "nobody has the robot" says "" storage-ctl /dev/cibou/robot regkeys --config /etc/cibou.conf
