#!/bin/bash
# Every command of the white paper, on both hosts. After each, what storage-ctl says of the drive must be what
# sg_persist says of it, over both nexuses: keys, holder, generation, TransportIDs.
# fabrics: loop iscsi
# seconds: 180
set -euo pipefail
# shellcheck source=tests/lab/guest/lab.sh
. /lab/in/lab.sh

# plain: both programs' layouts without indentation, double spaces and the frame of a hex dump
plain() { sed -E 's/^ +//; s/ +/ /g; s/^00 (([0-9a-f]{2} ?){8}).*$/\1/; s/ $//; /^$/d'; }

same() { [ "$1" = "$2" ] || { printf 'storage-ctl:\n%s\nsg_persist:\n%s\n' "$1" "$2" && false; }; }
agree() {
    local host device
    for host in cibou dir; do
        device=$(sg "$host")
        same "$(ctl "$host" query | plain)" "$(sg_persist -s "$device" | plain)" &&
            same "$(ctl "$host" regkeys)" "$(sg_persist -k "$device" | sed -n 's/^ *0x/0x/p')" &&
            same "$(ctl "$host" wholocked)" "$(sg_persist -r "$device" | sed -n 's/^ *Key=//p')" || return 1
    done
}
# drive_is HOLDER KEY...: "" is nobody
drive_is() {
    local want
    want=$(printf '%s\n' "${@:2}")
    says "$1" ctl dir wholocked && says "$want" ctl cibou regkeys && agree
}
# after TEXT HOST COMMAND STATUS HOLDER KEY...
after() {
    local text=$1 host=$2 command=$3 status=$4
    check "$host $command: $text" exits "$status" ctl "$host" "$command"
    SAID=$KEPT
    check "   the drive shows it" drive_is "${@:5}"
}

# wait_for_lock HOST: WAITER is a storage-ctl that waits for the other host's lock
wait_for_lock() {
    storage-ctl "/dev/$1/sg0" --config "/etc/$1.conf" lock >"$OUT/waiter" 2>&1 &
    WAITER=$!
    check "$1 waits" wait_until 5 grep -q "waiting up to" "$OUT/waiter"
}

# both_ways OWN KEY OTHER KEY: all commands, once with each host as the first
both_ways() {
    local own=$1 key=$2 other=$3 other_key=$4
    step "$own first"
    check "nobody is registered" drive_is ""
    after "a key" "$own" register 0 "" "$key"
    after "is done already" "$own" register 0 "" "$key"
    after "takes it" "$own" lock 0 "$key" "$key"
    after "has it already" "$own" lock 0 "$key" "$key"
    after "has it already" "$own" trylock 0 "$key" "$key"
    after "refused, nothing left behind" "$other" trylock 24 "$key" "$key"
    check "   in sg_persist's words" has "scsi status: Reservation Conflict" "$SAID"
    after "a second key" "$other" register 0 "$key" "$key" "$other_key"
    after "refused, still registered" "$other" trylock 24 "$key" "$key" "$other_key"
    after "is not its lock" "$other" unlock 0 "$key" "$key" "$other_key"
    after "gives up after max_lock_wait" "$other" lock 75 "$key" "$key" "$other_key"
    wait_for_lock "$other"
    check "$own unlock" exits 0 ctl "$own" unlock
    check "$other gets the lock" wait "$WAITER"
    check "   the drive shows it" drive_is "$other_key" "$key" "$other_key"
    after "leaves the other's lock" "$own" unregister 0 "$other_key" "$other_key"
    wait_for_lock "$own"
    kill -TERM "$WAITER"
    check "stopped, it gives up" fails wait "$WAITER"
    check "   and leaves nothing behind" drive_is "$other_key" "$other_key"
    after "gives up its lock as well" "$other" unregister 0 ""
    after "registers by itself" "$own" trylock 0 "$key" "$key"
    after "removes everything" "$other" clear 0 ""
    after "is done already" "$other" clear 0 ""
}

# Long enough to be woken within it, short enough to be waited for.
sed -i 's/^max_lock_wait=.*/max_lock_wait=3/' /etc/cibou.conf /etc/dir.conf
both_ways dir "$DIR_KEY" cibou "$CIBOU_KEY"
both_ways cibou "$CIBOU_KEY" dir "$DIR_KEY"
