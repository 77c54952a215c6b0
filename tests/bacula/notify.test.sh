#!/bin/bash
# notify=PROGRAM in storage-ctl.conf: each event is told to the program with its arguments, a bare environment, no descriptor of the
# daemon's and as its user; one that hangs delays neither jobs nor drives; one that others may write is not run.
# Bacula, in turns: 9.6.7 15.0.3
set -euo pipefail
# shellcheck source=tests/bacula/site.sh
. "$(dirname "${BASH_SOURCE[0]}")/site.sh"

need_packages python3
# Nobody else may write to a folder on its way, and of the build's folder nobody knows whose it is.
HOOKS=$(mktemp -d /tmp/shstore-notify.XXXXXX)
ended=0
trap 'ended=$?; set +e; trap - ERR; rm -rf "$HOOKS"; (exit "$ended"); at_exit' EXIT

# give_hook HOST: what it is told is in $RUN/log/told-HOST, what it is like in $RUN/log/hook-HOST
give_hook() {
    cat >"$HOOKS/$1" <<EOF
#!/bin/sh
[ ! -e $RUN/hang-$1 ] || { trap "" TERM; echo "\$\$" >$RUN/hung.new && mv $RUN/hung.new $RUN/hung; sleep 4711 & wait; }
( echo "words \$#"; echo "user \$(id -u)"; tr '\\0' '\\n' <"/proc/\$\$/environ" | sed 's/^/variable /'
  for fd in /proc/\$\$/fd/*; do echo "descriptor \${fd##*/} \$(readlink "\$fd")"; done ) >$RUN/log/hook-$1
echo "\$*" >>$RUN/log/told-$1
EOF
    chmod 0755 "$HOOKS/$1"
    : >"$RUN/log/told-$1"
    printf 'notify=%s\nnotify_wait=2\n' "$HOOKS/$1" >>"$RUN/$1/scripts/storage-ctl.conf"
}
declare -A AT=([cibou]=cibou/sg0 [dir]=dir/sg4)
# told HOST EVENT HOLDER JOBID, in the words of a grep pattern;  times HOST EVENT JOBID: how often
told() { grep -qx "$2 $RUN/san/${AT[$1]} ${KEY[$1]} $3 $4" "$RUN/log/told-$1"; }
times() { grep -cx "$2 $RUN/san/${AT[$1]} ${KEY[$1]} .* $3" "$RUN/log/told-$1" || true; }
hook() { keep sed -n "s/^$2 //p" "$RUN/log/hook-$1"; }
# other_product reserve|release: a program that is no Storage Daemon, on dir's way to the drive: Write Exclusive with key 1111h
other_product() {
    timeout --foreground 20 python3 - "$RUN/san/dir/sg4" "$1" <<'EOF'
import socket, struct, sys
KEY, NONE = (0x1111).to_bytes(8, "big"), bytes(8)
def out(action, kind, key, new_key):
    cdb = bytes([0x5f, action, kind, 0, 0, 0, 0, 0, 24, 0])
    body = struct.pack(">IIB", 5000, 0, len(cdb)) + cdb + key + new_key + bytes(8)
    with socket.socket(socket.AF_UNIX) as drive:
        drive.connect(sys.argv[1])
        drive.sendall(struct.pack(">I", len(body)) + body)
        reply = drive.recv(4096)
    return reply[4] == 0
WRITE_EXCLUSIVE = 1
if sys.argv[2] == "reserve":
    out(0, 0, NONE, KEY) or out(0, 0, NONE, KEY)  # the first command may get a unit attention
    sys.exit(not out(1, WRITE_EXCLUSIVE, KEY, NONE))
sys.exit(not out(0, 0, KEY, NONE))
EOF
}
ctl() { timeout --foreground 60 "$RUN/$1/scripts/storage-ctl" "$(control_device "$1" 0)" "${@:2}"; }
breaks_and_takes() { ctl cibou clear && ctl cibou trylock; }
in_group() { pgrep -g "$1" >/dev/null; }
failed() { job_over "$1" && not job_is "$1" T; }

prepare
configure
start_target
for host in "${HOSTS[@]}"; do
    install_plugin "$host"
    give_hook "$host"
    start_sd "$host"
done
start_client
for director in $(directors); do start_director "$director"; done
CHECK_LOGS=("$RUN/log/jobs.log" "$RUN/log/cibou-sd.log" "$RUN/log/dir-sd.log" "$RUN"/log/told-*)
settle

step "locked, waiting, unlocked"
dir_writes
cibou_waits
check "dir's program was told of the lock" wait_until 20 told dir locked "${KEY[dir]}" "$FIRST"
check "cibou's was told of the wait, and who has the drive" wait_until 60 told cibou waiting "${KEY[dir]}" "$SECOND"
check "then dir's job ends" jobs_end 90 "$FIRST"
check "dir's program was told of the lock's end" wait_until 30 told dir unlocked '.*' '[0-9-]*'
check "cibou's job ends" jobs_end 90 "$SECOND"
check "cibou's program was told of its lock" wait_until 20 told cibou locked "${KEY[cibou]}" "$SECOND"
check "both jobs are good" job_clean "$FIRST"
check "   this one too" job_clean "$SECOND"
check "the wait was told once" equal "$(times cibou waiting "$SECOND")" 1
check "nobody was told of anything lost" not grep -q '^lost\|^blocked' "$RUN"/log/told-*

step "what the program gets"
hook dir words
check "five words" equal "$KEPT" 5
hook dir user
check "the daemon's user" equal "$KEPT" "$(awk '/^Uid:/ { print $3 }' "/proc/${STARTED[dir-sd]}/status")"
hook dir variable
check "one variable: a bare PATH" equal "$KEPT" "PATH=/usr/sbin:/usr/bin:/sbin:/bin"
hook dir descriptor
show <<<"$KEPT"
check "standard input is /dev/null" has "0 /dev/null"
check "of the daemon's descriptors it has none" empty "$(grep -v "^[012] \|^[0-9]* $HOOKS/dir$" <<<"$KEPT" || true)"
check "nor a terminal or a log of its" empty "$(grep "^[12] " <<<"$KEPT" | grep -v 'pipe:' || true)"

step "lost"
check "the drive is free" wait_until 30 free_drive 0
check "a new tape" new_tape 0 TAPE-2 dir
dir_writes
check "cibou breaks the lock and takes it" wait_until 10 breaks_and_takes
check "dir's job fails" wait_until 60 failed "$FIRST"
check "dir's program was told, and who has the drive now" wait_until 20 told dir lost "${KEY[cibou]}" "$FIRST"
check "once" equal "$(times dir lost "$FIRST")" 1
ctl cibou unlock
ctl cibou unregister

step "blocked by another product"
check "a new tape" new_tape 0 TAPE-3 dir
stop_sd dir
check "the drive is free" wait_until 30 free_drive 0
check "another product reserves it" other_product reserve
SECOND=$(at cibou start_job backup-cibou)
check "cibou's program is told" wait_until 60 told cibou blocked 0x1111 '[0-9-]*'
check "the job waits" not job_over "$SECOND"
check "the other product gives it back" other_product release
check "the job ends" jobs_end 200 "$SECOND"
check "it is good" job_clean "$SECOND"
start_sd dir

step "a program that hangs delays nothing"
check "the drive is free" wait_until 30 free_drive 0
: >"$RUN/hang-cibou"
SECOND=$(at cibou start_job backup-cibou)
check "the job ends" jobs_end 90 "$SECOND"
check "it is good" job_clean "$SECOND"
check "the program hangs" wait_until 20 test -e "$RUN/hung"
HUNG=$(<"$RUN/hung")
check "the drive is free" wait_until 30 free_drive 0
check "the program is killed" wait_until 60 gone "$HUNG"
check "   with what it has started" wait_until 10 not in_group "$HUNG"
check "status says so" wait_until 60 status_says cibou "has not ended within 30 s and was killed"   # before the next one runs well
rm "$RUN/hang-cibou"

step "one that others may write is not run"
SECOND=$(at cibou start_job backup-cibou)
check "a program that runs well again is no trouble" wait_until 60 told cibou locked "${KEY[cibou]}" "$SECOND"
check "the job ends" jobs_end 90 "$SECOND"
check "the drive is free" wait_until 30 free_drive 0
chmod o+w "$HOOKS/cibou"
SECOND=$(at cibou start_job backup-cibou)
check "status says why it is not told" wait_until 60 status_says cibou "others than its owner may write it"
check "the job ends all the same" jobs_end 90 "$SECOND"
check "it is good" job_clean "$SECOND"
check "nothing was told of it" not told cibou locked '.*' "$SECOND"
chmod o-w "$HOOKS/cibou"

step "the end of the daemon does not wait for it"
check "the drive is free" wait_until 30 free_drive 0
: >"$RUN/hang-cibou"
rm -f "$RUN/hung"
SECOND=$(at cibou start_job backup-cibou)
check "the program hangs" wait_until 60 test -e "$RUN/hung"
check "the job ends" jobs_end 90 "$SECOND"
pid=${STARTED[cibou-sd]}
kill -TERM "$pid"
check "the daemon ends at once" wait_until 10 gone "$pid"
check "and the program with it" wait_until 10 gone "$(<"$RUN/hung")"
