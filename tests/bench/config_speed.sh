#!/usr/bin/env bash
# config_speed.sh BESIDE SHSTORE-LINT BSDJSON [DEVICES:RUNS...]: what the whole linter takes for a sound bacula-sd.conf of many
# devices, beside Bacula's own parser (bsdjson -t): processor time, and memory at its most, medians of as many runs, taken in
# turn. Prints a line for each number of devices, and with which power of it the linter's time grows. LD_LIBRARY_PATH must let
# bsdjson find Bacula's libraries. The figures of docs/measurements.md are those of a build that is optimized: tests/run bench
# makes one. Exit status 1 only if a program failed.
set -euo pipefail
beside=$1 lint=$2 bsdjson=$3
shift 3
[ $# != 0 ] || set -- 1000:31 10000:15 100000:5
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
            printf "Autochanger {\n    Name = LTO-Changer-%d\n    Changer Device = /dev/tape/by-id/scsi-%d-changer\n", i, i
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

printf 'key=bac777\n' >"$work/storage-ctl.conf"
for sizes; do
    devices=${sizes%:*} runs=${sizes#*:}
    configuration "$devices" >"$work/sd.conf"
    checked=("$lint" --not-here --sd "$work/sd.conf:$work/storage-ctl.conf")
    "${checked[@]}" >"$work/said"
    grep -qx 'no findings in 2 files' "$work/said" || { tail -n 3 "$work/said" >&2 && exit 1; }
    read -r ours our_memory theirs their_memory < <("$beside" "$runs" "${checked[@]}" -- "$bsdjson" -t -c "$work/sd.conf")
    echo "$devices $ours $our_memory $theirs $their_memory" >>"$work/all"
    rm "$work/sd.conf"
done
awk '{
    printf "%d devices: shstore-lint %.1f ms, bsdjson -t %.1f ms, ratio %.2f; memory %.1f MB, %.1f MB, ratio %.2f\n",
        $1, $2, $4, $2 / $4, $3 / 1024, $5 / 1024, $3 / $5
    if (NR > 1) printf "  from %d on the linter grows with the power %.2f, bsdjson with %.2f\n",
        n, log($2 / ours) / log($1 / n), log($4 / theirs) / log($1 / n)
    n = $1; ours = $2; theirs = $4 }' "$work/all"
