#!/bin/bash
# Two hosts move tapes in one library at the same time, with the program as it is installed: two_hosts_test.sh BIN-FOLDER
# Each has a drive and tapes of its own, and both use the one robot, which needs a moment for a move. No move may fail, none
# may be done twice, and nothing may stay locked.
set -euo pipefail
# shellcheck source=tests/changer/target.sh
. "$(dirname "${BASH_SOURCE[0]}")/target.sh"
# free DEVICE: nobody is registered there, as host cibou sees it and is told
free() {
    local keys
    keys=$("$work/cibou/storage-ctl" "$work/san/cibou/$1" regkeys) || fail "storage-ctl cannot say who has $1"
    [ -z "$keys" ]
}

sed 's|"media_folder": "media"|"media_folder": "media", "move_seconds": 0.3|' "$samples/library.json" >"$work/library.json"
grep -q move_seconds "$work/library.json" || fail "library.json has no media_folder to put move_seconds behind"
serve

# host NAME KEY ROBOT DRIVE...: its bacula-sd.conf, storage-ctl.conf and settings
host() {
    local name=$1 key=$2 robot=$3 i=0 sg folder=$work/$1
    mkdir "$folder"
    cp "$bin/shstore-changer" "$bin/storage-ctl" "$folder/"
    printf 'key=%s\n' "$key" >"$folder/storage-ctl.conf"
    printf 'sd=%s\n' "$folder/bacula-sd.conf" >"$folder/shstore-changer.conf"
    chmod 640 "$folder"/*.conf
    {
        printf 'Storage { Name = %s-sd; Working Directory = %s; Pid Directory = %s; }\n' "$name" "$folder" "$folder"
        printf 'Director { Name = d; Password = x; }\nMessages { Name = m; director = d = all; }\n'
        printf 'Autochanger { Name = A; Device = D0, D1; Changer Device = %s; Changer Command = x; }\n' "$work/san/$name/$robot"
        for sg in "${@:4}"; do
            printf 'Device { Name = D%s; Media Type = L; Archive Device = %s; Autochanger = yes; Drive Index = %s; Control Device = %s\n' \
                "$i" "$work/san/drives/drive$i" "$i" "$work/san/$name/$sg"
            printf '  Lock Command = "%s/storage-ctl %%l %%o"\n}\n' "$folder"
            i=$((i + 1))
        done
    } >"$folder/bacula-sd.conf"
}
host cibou bac001 sg2 sg0 sg1
host dir bac999 sg6 sg4 sg5
declare -A ROBOT=([cibou]=sg2 [dir]=sg6)
changer() { timeout 120 "$work/$1/shstore-changer" "$work/san/$1/${ROBOT[$1]}" "${@:2}"; }

# moves HOST DRIVE SLOT...: each tape into the drive and back
moves() {
    local slot
    for slot in "${@:3}"; do
        changer "$1" load "$slot" "$work/san/drives/drive$2" "$2" || return 1
        changer "$1" unload "$slot" "$work/san/drives/drive$2" "$2" || return 1
    done
}
moves cibou 0 1 2 3 1 2 >"$work/cibou.log" 2>&1 & first=$!
moves dir 1 4 5 6 4 5 >"$work/dir.log" 2>&1 & second=$!
wait "$first" || { cat "$work/cibou.log"; fail "a move of cibou"; }
wait "$second" || { cat "$work/dir.log"; fail "a move of dir"; }
for name in cibou dir; do
    [ "$(grep -c 'done$' "$work/$name.log")" = 10 ] || { cat "$work/$name.log"; fail "$name did not make its ten moves"; }
done
[ "$(changer cibou list)" = "$(printf '%s:A0000%sL4\n' 1 1 2 2 3 3 4 4 5 5 6 6)" ] || fail "a tape is not where it was: $(changer cibou list)"
for device in sg0 sg1 sg2; do
    free "$device" || fail "something stays locked on $device"
done

# A program that is killed while the robot moves leaves it reserved: the other host waits, and is told for whom; its own goes on.
# Whether the move was made or not: the tape is back in its slot.
go_on() {
    [ "$(changer cibou loaded 0 "$work/san/drives/drive0" 0)" != 0 ] || changer cibou load 1 "$work/san/drives/drive0" 0 || return 1
    changer cibou unload 0 "$work/san/drives/drive0" 0
}
robot_is_cibous() { [ "$("$work/dir/storage-ctl" "$work/san/dir/sg6" wholocked)" = 0xbac001 ]; }
# A move takes 0.3 s: on a busy machine it may be over before it was looked at, and is made once more.
while :; do
    "$work/cibou/shstore-changer" "$work/san/cibou/sg2" load 1 "$work/san/drives/drive0" 0 >"$work/killed.log" 2>&1 &
    victim=$!
    until robot_is_cibous || ! kill -0 "$victim" 2>/dev/null; do :; done
    kill -KILL "$victim" 2>/dev/null || true
    wait "$victim" 2>/dev/null || true
    ! robot_is_cibous || break
    go_on >"$work/cibou.log" 2>&1 || { cat "$work/killed.log" "$work/cibou.log"; fail "cibou cannot go on after a move"; }
done
echo 'robot_wait=1' >>"$work/dir/shstore-changer.conf"
status=0
changer dir load 4 "$work/san/drives/drive1" 1 >"$work/dir.log" 2>&1 || status=$?
{ [ "$status" = 75 ] && grep -q 'the robot is still reserved by 0xbac001' "$work/dir.log"; } || { cat "$work/dir.log"; fail "dir ended with $status"; }
go_on >"$work/cibou.log" 2>&1 || { cat "$work/cibou.log"; fail "cibou cannot go on after a crash"; }
for device in sg0 sg2; do
    free "$device" || fail "$device stays reserved after a crash"
done
changer dir load 4 "$work/san/drives/drive1" 1 >"$work/dir.log" 2>&1 || { cat "$work/dir.log"; fail "dir cannot go on after a crash of cibou"; }

# SIGTERM, which bacula-sd sends when its Maximum Changer Wait is over: the move ends, and nothing stays reserved.
"$work/cibou/shstore-changer" "$work/san/cibou/sg2" load 2 "$work/san/drives/drive0" 0 >"$work/ended.log" 2>&1 &
victim=$!
for _ in {1..200}; do
    [ "$("$work/dir/storage-ctl" "$work/san/dir/sg6" wholocked)" != 0xbac001 ] || break
    sleep 0.01
done
kill -TERM "$victim"
wait "$victim" || true
free sg2 || fail "the robot stays reserved after SIGTERM"
case $(changer cibou loaded 0 x 0) in
2) ;;
0) grep -qx '2:A00002L4' <<<"$(changer cibou list)" || fail "tape 2 is neither in its slot nor in the drive: $(cat "$work/ended.log")" ;;
*) fail "another tape is in the drive: $(cat "$work/ended.log")" ;;
esac
echo "two hosts made twenty moves, one crashed, one was ended: nothing stayed locked, no tape was lost"
