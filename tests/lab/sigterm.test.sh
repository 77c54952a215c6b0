#!/bin/bash
# SIGTERM in the middle of a move, as bacula-sd sends it at its Maximum Changer Wait: shstore-changer waits for the robot's
# answer, and until then keeps the robot and the drive for its host.
# fabrics: loop iscsi
# seconds: 120
set -euo pipefail
# shellcheck source=tests/lab/guest/lab.sh
. /lab/in/lab.sh
# shellcheck source=tests/lab/guest/bacula.sh
. /lab/in/bacula.sh

configure_lab
guarded
for host in "${HOSTS[@]}"; do install_plugin "$host"; done

# changer HOST COMMAND SLOT
changer() { shstore-changer "/dev/$1/robot" "$2" "$3" "/dev/$1/nst0" 0 --sd "$RUN/$1/bacula-sd.conf"; }
holder() { storage-ctl "/dev/cibou/$1" wholocked --config /etc/cibou.conf; }
registered() { storage-ctl "/dev/cibou/$1" regkeys --config /etc/cibou.conf; }
# drives_full NUMBER
drives_full() {
    local said
    said=$(mtx -f "$(robot dir)" status) || cannot_tell || return
    equal "$(grep -c '^Data Transfer Element [0-9]*:Full' <<<"$said")" "$1"
}

# caught_moving COMMAND SLOT SIGNAL...: begins a move, sends the signals while the robot moves, checks that nothing is over
caught_moving() {
    local signal
    hold_next_move
    shstore-changer /dev/dir/robot "$1" "$2" /dev/dir/nst0 0 --sd "$RUN/dir/bacula-sd.conf" >"$OUT/$1" 2>&1 &
    MOVER=$!
    check "the robot moves" wait_until 30 move_held
    for signal in "${@:3}"; do
        kill "-$signal" "$MOVER"
        sleep 1
        check "$signal: shstore-changer still waits" running "$MOVER"
        check "   the robot is dir's" says "$DIR_KEY" holder robot
        check "   the drive is dir's" says "$DIR_KEY" holder sg0
    done
}
# move_ends STATUS COMMAND: that move ends so, and nothing is left on robot and drive
move_ends() {
    local device
    pass_move
    check "exit status $1" ended "$1" "$MOVER"
    show <"$OUT/$2"
    for device in robot sg0 sg1; do check "nothing is left on $device" says "" registered "$device"; done
}

step "a load"
caught_moving load 1 TERM INT TERM
move_ends 0 load
check "the tape is in the drive" drives_full 1
check "cibou may unload it" changer cibou unload 1

step "an unload"
check "dir loads again" changer dir load 1
caught_moving unload 1 TERM
move_ends 0 unload
check "the drive is empty" drives_full 0
