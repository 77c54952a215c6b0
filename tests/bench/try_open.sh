#!/bin/bash
# try_open.sh DEVICE PLUGIN TRY-OPEN-TIME HOLD RELEASE BARE-TRY: how long DeviceTryOpen takes on one drive, with the plugin's own way to
# lock, with a Lock Command around sg_persist (not on a socket of shstore-target, which sg_persist does not know), and what a bare program
# takes for the same commands, in one run. HOLD and RELEASE are commands by which another host takes the drive and gives it back. Prints
# medians and 99th percentiles in milliseconds, and ratios. Both pause as long between two times: whoever has just run is faster.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
device=$1 plugin=$2 program=$3 hold=$4 release=$5 bare=$6
ways=(library bare)
[ -S "$device" ] || ways+=(script)
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
install -m 0755 "$here/site_lock.sh" "$work/site-lock"
echo key=bac001 >"$work/storage-ctl.conf"
chmod 0600 "$work/storage-ctl.conf"
echo >"$work/tape"

# configuration LOCK-COMMAND
configuration() {
    cat <<END
Storage { Name = sd; Working Directory = $work; Pid Directory = $work; Plugin Directory = $work; }
Director { Name = dir; Password = x; }
Device {
  Name = Drive-0; Media Type = LTO; Archive Device = $work/tape; Control Device = $device; Always Open = no
  Lock Command = "$1"
}
END
}
configuration "$work/storage-ctl %l %o" >"$work/library.conf"
configuration "$work/site-lock %o %l" >"$work/script.conf"

# run WAY JOBS PAUSE: its tries are added to $work/WAY
run() { "$program" "$plugin" "$work/$1.conf" "$work/tape" "$device" "$2" "$3" >>"$work/$1"; }
rank() { awk -v kind="$2" '$1 == kind { print $2 }' "$work/$1" | sort -n | awk -v p="$3" '{ v[NR] = $1 } END { n = int((NR * p + 99) / 100); printf "%.3f", v[n] / 1000 }'; }
times() { grep -c "^$2 " "$work/$1"; }

# In turns, so that both see the same machine. The pauses are longer than what the plugin does after a job's end, and than its
# memory of a refusal, so that the next job's first try asks the drive.
for _ in 1 2 3; do
    run library 100 100
    "$bare" "$device" 100 100 >>"$work/bare"
    [ -S "$device" ] || run script 30 1000
done
$hold
for _ in 1 2 3; do
    run library 8 2500
    "$bare" "$device" 8 2500 >>"$work/bare"
    [ -S "$device" ] || run script 8 2500
done
$release
for kind in granted refused again; do
    for way in "${ways[@]}"; do
        [ "$way-$kind" != bare-again ] || continue
        printf '%-8s %-8s %4d times: median %10s ms, 99th percentile %10s ms\n' \
            "$kind" "$way" "$(times "$way" "$kind")" "$(rank "$way" "$kind" 50)" "$(rank "$way" "$kind" 99)"
    done
done
for kind in granted refused; do
    printf '%s, library : bare = %s (promised: at most %s)\n' "$kind" \
        "$(awk -v a="$(rank library $kind 50)" -v b="$(rank bare $kind 50)" 'BEGIN { printf "%.2f", a / b }')" \
        "$([ $kind = granted ] && echo 1.5 || echo "one command")"
done
