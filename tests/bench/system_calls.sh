#!/bin/bash
# system_calls.sh [PLUGIN...]: system calls a second of a Storage Daemon (9.6.7) with 2 and with 64 shared drives, while it has no job and
# while one job writes: without the plugin and with each of these (default: the one that is built). strace counts; its slowing down is the
# same for all. SECONDS_EACH=20: how long it counts.
set -euo pipefail
# shellcheck source=samples/lib/all.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../samples/lib/all.sh"
guard
SECONDS_EACH=${SECONDS_EACH:-20}
plugins=(none "${@:-$BUILD/lib/shstore-sd.so}")
need_bacula
command -v strace >/dev/null || die "strace is needed"

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
# calls: a second, of all threads
calls() {
    timeout -s INT "$SECONDS_EACH" strace -f -qq -c -U calls,name -o "$RUN/strace" -p "${STARTED[dir-sd]}" >/dev/null 2>&1 || true
    awk -v s="$SECONDS_EACH" '$2 == "total" { n = $1 } END { printf "%.1f", n / s }' "$RUN/strace"
}
measure() { # NAME PLUGIN DRIVES
    pick_run "$BUILD/bench-calls"
    configure
    mkdir -p "$RUN/tapes/dir"
    more_drives "$3"
    start_target
    start_sd cibou
    if [ "$2" != none ]; then
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
    idle=$(calls)
    job=$(start_job backup-dir)
    wait_until 60 writing dir "$job" || die "job $job does not write"
    busy=$(calls)
    writing dir "$job" || die "job $job has ended meanwhile"
    printf '%-30s %3d drives: idle %s, while a job writes %s\n' "$1" "$3" "$idle" "$busy"
    stop_site
    exec {RUN_LOCK}>&-
}
for drives in 2 64; do
    for plugin in "${plugins[@]}"; do measure "$plugin" "$plugin" "$drives"; done
done
