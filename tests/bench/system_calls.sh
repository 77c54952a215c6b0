#!/bin/bash
# system_calls.sh [NAME=PLUGIN...]: system calls a second of a Storage Daemon with 2 and with 64 shared drives, while it has no job and
# while one job writes: without the plugin and with each of these (default: now=, the one that is built). Of the threads that the plugin
# has started, which are those that block every signal, apart: those for SCSI commands, which prove the lock, and all others, in
# $SHSTORE_BUILD/bench-calls.log each by its name and what it was asked for. strace counts; its slowing down is the same for all.
#   SECONDS_EACH=20   how long it counts      SD_VERSIONS="9.6.7 15.0.3"      DRIVES_EACH="2 64"
set -euo pipefail
# shellcheck source=samples/lib/all.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../samples/lib/all.sh"
guard
SECONDS_EACH=${SECONDS_EACH:-20}
plugins=(without= "${@:-now=$BUILD/lib/shstore-sd.so}")
need_bacula
command -v strace >/dev/null || die "strace is needed"
LIST=$BUILD/bench-calls.log
: >"$LIST"

# more_drives NUMBER: host dir has so many, each a drive of the SAN
more_drives() {
    local n
    DRIVES=$1
    SAN=$RUN/san.json
    awk -v n="$DRIVES" '
        /"serial": "HU10450A02"/ { print; getline; printf "    }"; for (i = 2; i < n; i++)
            printf ",\n    { \"name\": \"drive%d\", \"vendor\": \"HP\", \"product\": \"Ultrium 4-SCSI\", \"revision\": \"H61W\", \"serial\": \"MORE%d\" }", i, i; print ""; next }
        /"sg4": "drive0"/ { sub(/ *}/, ""); printf "%s", $0; for (i = 2; i < n; i++) printf ", \"sg%d\": \"drive%d\"", 100 + i, i; print " }"; next }
        { print }' "$SAMPLES/san.json" >"$SAN"
    for ((n = 2; n < DRIVES; n++)); do
        : >"$RUN/tapes/dir/drive$n"
        echo "MORE$n" >"$RUN/tapes/dir/drive$n.drive"
        sed -n '/Name = LT09_2_Drive0/,/^}/p' "$RUN/dir/bacula-sd.conf" | sed -e '1i Device {' -e "s|Drive0|Drive$n|; s|/drive0|/drive$n|; s|/sg4|/sg$((100 + n))|; s|Drive Index = 0|Drive Index = $n|" \
            -e 's|^  Automatic Mount|  Auto Select = no\n&|'
    done >>"$RUN/dir/more"
    cat "$RUN/dir/more" >>"$RUN/dir/bacula-sd.conf"
    sed -i "s|^  Device = LT09_2_Drive0, LT09_2_Drive1|&$(for ((n = 2; n < DRIVES; n++)); do printf ', LT09_2_Drive%d' "$n"; done)|" "$RUN/dir/bacula-sd.conf"
}
start_target() {
    launch target "$BUILD/bin/shstore-target" "$SAN" --directory "$RUN/san"
    up target target_ready 0
}
# our_threads PID: the numbers of those that block all that can be blocked but what the C library needs
our_threads() {
    awk '/^Pid:/ { pid = $2 } /^SigBlk:/ && $2 == "fffffffe7ffbfeff" { print pid }' "/proc/$1"/task/*/status
}
# calls WHAT: "ALL OURS SCSI" a second; SCSI are those of our threads on a socket, whose other end is a drive
calls() {
    our_threads "${STARTED[dir-sd]}" >"$RUN/ours"
    timeout -s INT "$SECONDS_EACH" strace -f -qq -y -s 80 -o "$RUN/strace" -p "${STARTED[dir-sd]}" >/dev/null 2>&1 || true
    awk -v s="$SECONDS_EACH" -v list="$LIST" -v what="$1" -v run="$RUN" '
        FILENAME ~ /ours$/ { ours[$1] = 1; next }
        /resumed>/ || !match($2, /^[a-z_0-9]+\(/) { next }
        !seen[$1]++ { next } # what the thread was at when strace came, which makes the kernel begin it anew
        { n++ }
        !($1 in ours) { next }
        {
            name = substr($2, 1, RLENGTH - 1)
            o++
            rest = $0; sub(/^[0-9]+ +/, "", rest); gsub(run, "", rest)
            sub(/ = .*/, "", rest); sub(/ <unfinished.*/, "", rest); gsub(/[0-9]+</, "<", rest)
            if (name ~ /^(sendto|recvfrom|poll|connect|socket)$/ && rest ~ /socket:|UNIX/) { scsi++; rest = name "(SCSI)" }
            else if (name == "ioctl" && rest ~ /SG_IO/) { scsi++; rest = "ioctl(SG_IO)" }
            else if (name == "futex") { sub(/0x[0-9a-f]+/, "", rest); rest = substr(rest, 1, 40) }
            else rest = substr(rest, 1, 90)
            count[rest]++
        }
        END {
            printf "%.1f %.1f %.1f", n / s, (o - scsi) / s, scsi / s
            for (c in count) printf "%s: %6.2f  %s\n", what, count[c] / s, c | ("sort -k2,2 -t: -r >>" list)
        }' "$RUN/ours" "$RUN/strace"
}
measure() { # NAME PLUGIN DRIVES VERSION
    VERSION=([dir]=$4 [cibou]=$4)
    pick_run "$BUILD/bench-calls"
    configure
    mkdir -p "$RUN/tapes/dir"
    more_drives "$3"
    start_target
    start_sd cibou
    if [ -n "$2" ]; then
        install_plugin dir
        install -m 0755 "$2" "$RUN/dir/plugins/shstore-sd.so"
    fi
    start_sd dir
    start_client
    start_director
    make_data dir 30
    bc "label volume=TAPE-1 pool=Tapes storage=${CHANGER[dir]} drive=0 slot=0" >"$RUN/log/label.log"
    has "3000 OK label." "$(cat "$RUN/log/label.log")" || die "no label" "$RUN/log/label.log"
    sleep 10 # what stays of the label is over
    local idle busy job
    idle=$(calls "$1, $3 drives, $4, idle")
    job=$(start_job backup-dir)
    wait_until 60 writing dir "$job" || die "job $job does not write"
    sleep 6 # and what comes with its beginning
    busy=$(calls "$1, $3 drives, $4, a job writes")
    writing dir "$job" || die "job $job has ended meanwhile"
    # shellcheck disable=SC2086
    printf '%-8s %-7s %6d  %6s %5s %5s   %6s %5s %5s\n' "$1" "$4" "$3" $idle $busy
    stop_site
    exec {RUN_LOCK}>&-
}
printf '%-8s %-7s %6s  %6s %5s %5s   %6s %5s %5s\n' plugin bacula drives idle ours SCSI writes ours SCSI
for version in ${SD_VERSIONS:-$BACULA_VERSION $BACULA_NEWER}; do
    [ "$version" != "$BACULA_NEWER" ] || need_newer_bacula || { say "not measured with $version: $TROUBLE"; continue; }
    for drives in ${DRIVES_EACH:-2 64}; do
        for plugin in "${plugins[@]}"; do measure "${plugin%%=*}" "${plugin#*=}" "$drives" "$version"; done
    done
done
