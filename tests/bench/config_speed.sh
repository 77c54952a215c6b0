#!/usr/bin/env bash
# config_speed.sh CONFIG-LOAD SHSTORE-LINT BSDJSON [DEVICES] [RUNS]: how long the configuration parser and the whole
# linter take for a sound bacula-sd.conf of many devices (10,000), beside Bacula's own parser. Runs the programs
# alternately, each as a whole process, and prints the median of each in milliseconds, the ratios, and how much memory
# the text's bytes take. LD_LIBRARY_PATH must let bsdjson find Bacula's libraries. What is aimed at: linting takes no
# more time than bsdjson -t. Exit status 1 only if a program failed.
set -euo pipefail
load=$1 lint=$2 bsdjson=$3 devices=${4:-10000} runs=${5:-21}
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

# configuration DEVICES: 12 directives each, as the white paper's; a hundred to each Autochanger
configuration() {
    cat <<'END'
Storage {
    Name = sd
    Working Directory = /opt/bacula/working
    Pid Directory = /opt/bacula/working
    Plugin Directory = /opt/bacula/plugins
    Messages = Standard
}
Director {
    Name = bacula-dir
    Password = "a secret"
}
Messages {
    Name = Standard
    Director = bacula-dir = all, !skipped
}
END
    awk -v n="$1" 'BEGIN { for (i = 0; i < n; i++) {
        if (i % 100 == 0) {
            printf "Autochanger {\n    Name = LTO-Changer-%d\n    Changer Device = /dev/tape/by-id/scsi-changer%d\n", i, i
            printf "    Changer Command = \"/opt/bacula/scripts/mtx-changer %%c %%o %%S %%a %%d\"\n"
            for (k = i; k < i + 100 && k < n; k++) printf "    Device = LT09_1_Drive%d\n", k
            printf "}\n\n"
        }
        printf "\
Device {\n    Name = LT09_1_Drive%d\n    Media Type = LTO-9\n    Archive Device = /dev/tape/by-id/scsi-%d-nst\n    AutomaticMount = yes\n\
    Autochanger = yes\n    Drive Index = %d\n    RemovableMedia = yes\n    Spool Directory = /opt/bacula/working\n\
    Device Type = Tape\n    AlwaysOpen = no\n    Control Device = /dev/sg%d\n\
    Lock Command = \"/opt/bacula/scripts/storage-ctl %%l %%o\"\n}\n\n", i, i, i % 100, i } }'
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
printf 'key=bac777\n' >"$work/storage-ctl.conf"
for ((i = 0; i < runs; i++)); do
    milliseconds "$load" "$work/sd.conf" >>"$work/load"
    milliseconds "$lint" --exit-zero --not-here --sd "$work/sd.conf:$work/storage-ctl.conf" >>"$work/lint"
    milliseconds "$bsdjson" -t -c "$work/sd.conf" >>"$work/bsdjson"
done
read -r loaded bytes memory < <("$load" "$work/sd.conf")
[ "$loaded" = "$devices" ] || { echo "only $loaded of $devices devices were loaded" >&2 && exit 1; }
"$lint" --exit-zero --not-here --sd "$work/sd.conf:$work/storage-ctl.conf" | tail -n 1
awk -v n="$devices" -v load="$(median "$work/load")" -v lint="$(median "$work/lint")" -v theirs="$(median "$work/bsdjson")" \
    -v bytes="$bytes" -v memory="$memory" 'BEGIN {
        printf "%d devices, %.1f MB: bsdjson -t %.1f ms; config_load %.1f ms, ratio %.2f; shstore-lint %.1f ms, ratio %.2f\n",
            n, bytes / 1e6, theirs, load, load / theirs, lint, lint / theirs
        printf "memory to load it: %.1f MB, %.1f times the text\n", memory / 1e6, memory / bytes
    }'
