#!/bin/bash
# Every view of shstore-status on two hosts that share the library; one writes, and the other one's job waits for it.
# Bacula: 9.6.7 15.0.3
set -euo pipefail
# shellcheck source=tests/bacula/site.sh
. "$(dirname "${BASH_SOURCE[0]}")/site.sh"

# status OPTION...: of both hosts;  status_of HOST OPTION...
status() { timeout --foreground 30 "$BUILD/bin/shstore-status" "${BOTH[@]}" "$@"; }
status_of() { timeout --foreground 60 "$BUILD/bin/shstore-status" --sd "$RUN/$1/bacula-sd.conf" "${@:2}"; }
# with_bacula HOST: Bacula's own status with our lines in it, the Director asked
with_bacula() {
    status_of "$1" --bconsole "$RUN/director/bconsole.conf" --bconsole-program "$RUN/bconsole" --storage "${CHANGER[$1]}"
}
# annotated FILE HOST...: the same as a filter
annotated() {
    local host files=()
    for host in "${@:2}"; do files+=(--sd "$RUN/$host/bacula-sd.conf"); done
    timeout --foreground 30 "$BUILD/bin/shstore-status" "${files[@]}" --annotate <"$1"
}
# ours_out FILE: without the lines that are ours
ours_out() { grep -av -e '^ *shstore=' -e '^ *Device is BLOCKED by another SD=' "$1"; }
ends_with() {
    local status=0
    keep "${@:2}" || status=$?
    equal "$1" "$status"
}
# line_after TEXT PATTERN: the line behind the first one that has the text
line_after() { grep -aA1 -F -m1 -- "$1" <<<"$KEPT" | tail -1 | grep -q -- "$2"; }

site
BOTH=(--sd "$RUN/cibou/bacula-sd.conf" --sd "$RUN/dir/bacula-sd.conf")
printf '#!/bin/sh\nexec "%s" bconsole "$@"\n' "$(bacula_root "${VERSION[cibou]}")/run" >"$RUN/bconsole"
chmod +x "$RUN/bconsole"
dir_writes
cibou_waits
wait_until 10 eval 'status_of cibou | grep -q 3612'

step "as text"
check "both hosts" keep status
show <<<"$KEPT"
check "who waits" has "3612 JobId=$SECOND waiting because device $DRIVE0"
check "who is in its way" has "Device is BLOCKED by another SD=0xbac999"
check "the lines as in the white paper" has "shstore=1 registered=1 locked=0 blockedbySD=0xbac999"
check "and the holder's" has "shstore=1 registered=1 locked=1 blockedbySD=no"
check "names are shown when they are asked for" keep status --names
check "behind the key" has "BLOCKED by another SD=0xbac999 (dir-sd)"

step "Bacula's own status with our lines in it"
check "host cibou" keep with_bacula cibou
show <<<"$KEPT"
check "the blocked device says so in its first line" line_after "Device Vtape: $DRIVE0" "Device is BLOCKED by another SD=0xbac999"
check "and in its last" has "shstore=1 registered=1 locked=0 blockedbySD=0xbac999"
check "host dir" keep with_bacula dir
show <<<"$KEPT"
check "with its Volume" has "Volume:      TAPE-1"
check "and its lock" has "shstore=1 registered=1 locked=1 blockedbySD=no"
{ at cibou bc 'status storage=Changer-1'; at dir bc 'status storage=Changer-2'; } >"$RUN/log/statuses"
annotated "$RUN/log/statuses" cibou dir >"$RUN/log/annotated"
check "as a filter of two statuses, the lines of both" equal "$(grep -ac '^ *shstore=' "$RUN/log/annotated")" 4
check "and nothing else is changed, by a byte" cmp <(ours_out "$RUN/log/annotated") "$RUN/log/statuses"
annotated "$RUN/log/statuses" dir >"$RUN/log/annotated"
check "a daemon that was not given is left alone" equal "$(grep -ac '^ *shstore=' "$RUN/log/annotated")" 2

step "for programs"
check "JSON" keep status --json
check "has its schema" has '"schema": "shstore-status/1"'
check "and the state" has '"state": "blocked"'
check "metrics" keep status --prometheus "$RUN/log/shstore.prom"
show <"$RUN/log/shstore.prom"
check "are in the file" grep -q '^shstore_drive_locked{sd="cibou-sd",drive="LT09_1_Drive0"} 1$' "$RUN/log/shstore.prom"
check "a conflict was counted" grep -q '^shstore_lock_conflicts_total{sd="cibou-sd",drive="LT09_1_Drive0"} 1$' "$RUN/log/shstore.prom"
check "a lock was counted" grep -qE '^shstore_locks_taken_total\{sd="dir-sd",drive="LT09_2_Drive0"\} [1-9]' "$RUN/log/shstore.prom"
if command -v promtool >/dev/null; then
    check "promtool accepts them" keep promtool check metrics <"$RUN/log/shstore.prom"
else
    unasked "whether Prometheus accepts the metrics" "there is no promtool (package prometheus)"
fi
check "the Nagios plugin is content" ends_with 0 status --check -w 3600,600 -c 86400,3600
show <<<"$KEPT"
check "says who has a lock" has "SHSTORE OK - 2 drives, 1 locked by 0xbac999 (dir-sd), 1 job waiting |"
# Whole seconds are counted, and the job may have begun to wait in this one.
check "a wait beyond its threshold is a warning" wait_until 10 ends_with 1 status --check -w ,0
check "or critical" ends_with 2 status --check -c ,0
check "a file that is not a configuration is unknown" ends_with 3 status_of ../data --check

step "a reset of the drive of which only shstore-status has heard"
# As it writes it down; the drive itself has forgotten nothing here.
printf '%s 29/00 %s\n' "$(date -u +%Y-%m-%dT%H:%M:%S.%6NZ)" "$RUN/san/dir/sg4" >>"$RUN/dir/working/dir-sd.shstore-attentions"
check "the job that writes ends" wait_until 60 job_over "$FIRST"
check "and not well" not job_is "$FIRST" T
check "its log says why" job_logged "$FIRST" "was reset or switched off"

check "cibou's job gets the drive, and ends" jobs_end 60 "$SECOND"
check "the drive is free" wait_until 20 free_drive 0

step "a host dies"
check "before, nothing is said of that" lacks "is not running" "$(status_of cibou)"
stop_sd cibou KILL
# Until the shell has heard of its end, /proc has it as any other process.
check "that is a warning" wait_until 30 ends_with 1 status_of cibou --check
show <<<"$KEPT"
check "and told" keep status_of cibou
show <<<"$KEPT"
check "in words" has "cibou-sd is not running"
