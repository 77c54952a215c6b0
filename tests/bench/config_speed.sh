#!/usr/bin/env bash
# config_speed.sh CONFIG-LOAD BSDJSON [DEVICES] [RUNS]: how long the configuration parser takes for a bacula-sd.conf of
# many devices (10,000), beside Bacula's own. Runs both programs alternately as whole processes, prints the median of
# each in milliseconds, their ratio, and how much memory the text's bytes take. LD_LIBRARY_PATH must let bsdjson find
# Bacula's libraries. Exit status 1 if the parser takes half of bsdjson's time or more, or 12 bytes or more per byte.
set -euo pipefail
load=$1 bsdjson=$2 devices=${3:-10000} runs=${4:-21}
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

# configuration DEVICES: 12 directives each, as the white paper's
configuration() {
    cat <<'END'
Storage { Name = sd; Working Directory = /opt/bacula/working; Pid Directory = /opt/bacula/working; Messages = Standard }
Director { Name = bacula-dir; Password = "a secret" }
Messages { Name = Standard; Director = bacula-dir = all, !skipped }
END
    awk -v n="$1" 'BEGIN { for (i = 0; i < n; i++) printf "\
Device {\n    Name = LT09_1_Drive%d\n    Media Type = LTO-9\n    Archive Device = /dev/nst%d\n    AutomaticMount = yes\n\
    Autochanger = yes\n    Drive Index = %d\n    RemovableMedia = yes\n    Spool Directory = /opt/bacula/working\n\
    Device Type = Tape\n    AlwaysOpen = no\n    Control Device = /dev/sg%d\n\
    Lock Command = \"/opt/bacula/scripts/storage-ctl %%l %%o\"\n}\n\n", i, i, i % 100, i }'
}

# milliseconds COMMAND...: of one run of it
milliseconds() {
    local start=${EPOCHREALTIME/./}
    "$@" >/dev/null
    local took=$((${EPOCHREALTIME/./} - start))
    printf '%d.%03d\n' $((took / 1000)) $((took % 1000))
}

median() { sort -n "$1" | sed -n "$(((runs + 1) / 2))p"; }

configuration "$devices" >"$work/sd.conf"
for ((i = 0; i < runs; i++)); do
    milliseconds "$load" "$work/sd.conf" >>"$work/ours"
    milliseconds "$bsdjson" -t -c "$work/sd.conf" >>"$work/theirs"
done
read -r loaded bytes memory < <("$load" "$work/sd.conf")
[ "$loaded" = "$devices" ] || { echo "only $loaded of $devices devices were loaded" >&2 && exit 1; }
awk -v n="$devices" -v ours="$(median "$work/ours")" -v theirs="$(median "$work/theirs")" -v bytes="$bytes" -v memory="$memory" '
    BEGIN {
        printf "%d devices, %.1f MB: config_load %.1f ms, bsdjson -t %.1f ms, ratio %.2f; %.1f MB of memory, factor %.1f\n", n,
            bytes / 1e6, ours, theirs, ours / theirs, memory / 1e6, memory / bytes
        exit ours / theirs >= 0.5 || memory / bytes >= 12
    }'
