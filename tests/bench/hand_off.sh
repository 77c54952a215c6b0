#!/bin/bash
# hand_off.sh PLUGIN COUNT NAME [varying]: so many times a drive goes from one real Storage Daemon to the other, each time while a job
# of the other one waits. Prints for each, in milliseconds: from the release of the lock to the other host's, and from that
# to the first byte on the tape, and where the holder told of it before (it registers its key anew, about when jobs of that name ended before
# and when its last device is closed), how long before it did so first, of the last ten seconds. The job that waits comes at any moment of the
# other one's 30 s, so that bacula-sd's own next try comes at any moment as well. With "varying" a job has 4 to 16 MB instead of always
# 12, so that nobody can know when it ends.
set -euo pipefail
plugin=$1 count=$2 name=$3 lengths=${4:-alike}
# shellcheck source=tests/bacula/site.sh
. "$(dirname "${BASH_SOURCE[0]}")/../bacula/site.sh"

eval "usual_$(declare -f install_plugin)"
install_plugin() {
    usual_install_plugin "$1"
    install -m 0755 "$plugin" "$RUN/$1/plugins/shstore-sd.so"
}
start_target() {
    launch target "$BUILD/bin/shstore-target" "$SAMPLES/san.json" --directory "$RUN/san" --verbose
    up target target_ready 0
}
# measured: from the target's log and the writes to the tape
measured() {
    sort "$RUN/log/target.log" "$RUN/log/writes.log" | awk '
        function now(    t) { split(substr($2, 1, 12), t, ":"); return ((t[1] * 60 + t[2]) * 60 + t[3]) * 1000 }
        function since(then) { then = now() - then; return then < 0 ? then + 86400000 : then }
        / write$/ { if (locked) { printf "%d %d %s\n", waited, since(locked), told; locked = 0 }; next }
        !/ (dir\/sg4|cibou\/sg0): cdb 5f 0[012] .*: Good / { next }
        / cdb 5f 00 / { if ($5 == holder && / out 00 00 00 00 00 ba c. .. 00 00 00 00 00 ba c/) anew[++n] = now(); next }
        / cdb 5f 02 / {
            released = now(); by = $5; holder = ""; told = "-"
            for (i = n; i > 0 && since(anew[i]) <= 10000; i--) told = since(anew[i])
        }
        / cdb 5f 01 / && released { if ($5 != by) { waited = since(released); locked = now() }; released = 0 }
        / cdb 5f 01 / { holder = $5; n = 0 }'
}

{
    DIR_MEGABYTES=12
    need_bacula
    pick_run "$BUILD/hand-off/$name"
    start_site
    data
    make_data cibou 12
    check "a volume is labeled" new_tape 0 TAPE-1 dir
    launch writes "$BUILD/bin/watch_writes" "$RUN/tapes/drive0"
    has_it=dir wants_it=cibou
    job=$(start_job backup-dir)
    for ((i = 0; i < count; i++)); do
        check "job $job writes" wait_until 90 writing "$has_it" "$job"
        sleep $((RANDOM % 26)).$((RANDOM % 10))
        [ "$lengths" = alike ] || make_data "$wants_it" $((RANDOM % 13 + 4))
        next=$(start_job "backup-$wants_it")
        check "it ends" wait_until 60 job_over "$job"
        check "it is good" job_clean "$job"
        job=$next
        read -r has_it wants_it <<<"$wants_it $has_it"
    done
    check "the last one writes" wait_until 90 writing "$has_it" "$job"
    check "and ends" wait_until 60 job_over "$job"
    stop writes
} >&2
measured
