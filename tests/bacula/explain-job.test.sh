#!/bin/bash
# "Why is my job waiting?" Two hosts share the library; one writes, and the other one's job waits for it.
# Bacula: 9.6.7 15.0.3
set -euo pipefail
# shellcheck source=tests/bacula/site.sh
. "$(dirname "${BASH_SOURCE[0]}")/site.sh"
# shellcheck source=tests/bacula/explain.sh
. "$(dirname "${BASH_SOURCE[0]}")/explain.sh"

# status HOST FILE: of the daemon, with its counters
status() { sd_status "$1" >"$2"; }
# ask HOST ID: the same question with no file in between; the Director is asked
ask() {
    timeout --foreground 60 env "LD_LIBRARY_PATH=$BACULA/usr/lib/bacula" "$BUILD/bin/shstore-status" --sd "$RUN/$1/bacula-sd.conf" \
        --explain-job "$2" --bconsole "$RUN/director/bconsole.conf" --bconsole-program "$BACULA/usr/sbin/bconsole" \
        --storage "${3-${CHANGER[$1]}}"
}
# alone HOST ID: the plugin's state and the drives only
alone() { timeout --foreground 20 "$BUILD/bin/shstore-status" --sd "$RUN/$1/bacula-sd.conf" --explain-job "$2"; }
# ends_with STATUS COMMAND...
ends_with() {
    local status=0
    keep "${@:2}" || status=$?
    equal "$1" "$status"
}

site
bc "setdebug level=1 storage=Changer-1" >/dev/null
dir_writes
status cibou "$RUN/log/before"
cibou_waits
status cibou "$RUN/log/after"
truth "$SECOND" "$RUN/log/after" | show

step "foretold and explained"
check "drive and lines were foretold" agree \
    "$(expected cibou "$SECOND" "$RUN/log/before" --device LTO-Changer-1 --pool Tapes --volume TAPE-1)" "$(truth "$SECOND" "$RUN/log/after")"
check "the Director is asked about the waiting job" keep ask cibou "$SECOND"
show <<<"$KEPT"
check "it says that the job waits, and since when" grep -qE \
    "^Job $SECOND \(backup-cibou\) waits for a drive of \"LTO-Changer-1\" to write to Pool \"Tapes\", since 20..-" <<<"$KEPT"
check "who holds the first drive" has "$DRIVE0: another Storage Daemon holds the drive: its key is ${KEY[dir]}, since 20"
check "with bacula-sd's line" has "3612 JobId=$SECOND waiting because device $DRIVE0 is reserved by: ${KEY[dir]}."
check "and why the second is never given" has "it has Auto Select = no: a job that asks for \"LTO-Changer-1\" never gets it"
check "without the Director it knows less" keep alone cibou "$SECOND"
check "but who holds the drive" has "$DRIVE0: another Storage Daemon holds the drive: its key is ${KEY[dir]}, since 20"
check "and says what it does not know" has "Which Storage and Pool the job asked for, and whether it reads"

step "the other job, the end, and questions without an answer"
check "the Director is asked about the job that writes" keep ask dir "$FIRST"
check "it says so" has "Job $FIRST (backup-dir) writes to Volume \"TAPE-1\" in \"LT09_2_Drive0\""
check "a Storage that the Director does not have is an error" ends_with 3 ask cibou "$SECOND" No-Such-Storage
check "which says what was expected" has "no status of a Storage Daemon"
check "the first job ends" jobs_end 60 "$FIRST"
check "now the other host writes" wait_until "$NEXT_TRY" writing cibou "$SECOND"
check "which is said" keep ask cibou "$SECOND"
check "with the drive" has "Job $SECOND (backup-cibou) writes to Volume \"TAPE-1\" in $DRIVE0"
check "it ends" jobs_end 60 "$SECOND"
check "which is said too" keep ask cibou "$SECOND"
check "with its status" has "Job $SECOND (backup-cibou) has ended: OK"
check "a job that never was is not known" ends_with 4 ask cibou 4711
check "which is said" has "Job 4711 is not known to cibou-sd"
