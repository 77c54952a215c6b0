#!/bin/bash
# Two hosts copy crosswise: each has the drive that it reads from and waits for the one that the other reads from. Without help both
# wait for ever: status, --check and --explain-job say so, and the command that they name ends it. With mutual_wait one host ends
# its own Copy, and the other goes on.
#   ROUNDS   how often the latter (default 2)
# Bacula: 9.6.7 15.0.3
set -euo pipefail
# shellcheck source=tests/bacula/site.sh
. "$(dirname "${BASH_SOURCE[0]}")/site.sh"

# A third host, which nobody runs a daemon on: it has both drives until both Copies wait for the one they read from.
KEY[third]=0xbac777
CONTROL[third:0]=third/sg0
CONTROL[third:1]=third/sg1
third_host() {
    mkdir -p "$RUN/third/scripts" "$RUN/san/third"
    sed 's|"initiators": \[|&\n    { "name": "third", "wwpn": "2102001b322173ee", "relative_target_port": 1,\n      "devices": { "sg0": "drive0", "sg1": "drive1" } },|' \
        "$SAMPLES/san.json" >"$RUN/san.json"
    install -m 0755 "$BUILD/bin/storage-ctl" "$RUN/third/scripts/storage-ctl"
    echo "key=${KEY[third]}" >"$RUN/third/scripts/storage-ctl.conf"
}
start_target() {
    launch target "$BUILD/bin/shstore-target" "$RUN/san.json" --directory "$RUN/san"
    up target target_ready 0
}
# mutual_wait SECONDS: both daemons start again with that
mutual_wait() {
    local host
    for host in "${HOSTS[@]}"; do
        stop_sd "$host"
        sed -i '/^mutual_wait=/d' "$RUN/$host/scripts/storage-ctl.conf"
        echo "mutual_wait=$1" >>"$RUN/$host/scripts/storage-ctl.conf"
        start_sd "$host"
    done
}
copies() {   # NAME CHANGER READS WRITES: the drives
    cat <<END
Pool {
  Name = $1; Pool Type = Backup; Recycle = no; Auto Prune = no; Next Pool = $1-copies
  Storage = $2-Drive$3
}
Pool {
  Name = $1-copies; Pool Type = Backup; Recycle = no; Auto Prune = no
  Storage = $2-Drive$4
}
Job {
  Name = backup-$1; Type = Backup; Level = Full; Client = client-fd; FileSet = files-cibou; Pool = $1; Messages = Standard
}
Job {
  Name = copy-$1; Type = Copy; Client = client-fd; FileSet = files-cibou; Pool = $1; Messages = Standard
  Selection Type = SQLQuery
  Selection Pattern = "select JobId from Job where Name='backup-$1' and Type='B' and JobStatus='T' order by JobId limit 1"
}
END
}
# other_half COPY NAME: the job that the Director began to write for it
other_half() { in_catalog "select JobId from Job where JobId>$1 and Name='backup-$2' order by JobId limit 1"; }
failed() { job_over "$1" && not job_is "$1" T; }
started_to_write() { [ -n "$(catalog "select JobId from Job where JobId>$1 and Name='backup-$2' limit 1")" ]; }
check_says() {   # HOST TEXT
    local said
    said=$(timeout --foreground 60 "$BUILD/bin/shstore-status" --sd "$RUN/$1/bacula-sd.conf" --check) || [ -n "$said" ] || cannot_tell || return
    has "$2" "$said"
}
explain_says() {   # HOST JOB TEXT
    local said
    said=$(timeout --foreground 60 "$BUILD/bin/shstore-status" --sd "$RUN/$1/bacula-sd.conf" --explain-job "$2") || [ -n "$said" ] || cannot_tell || return
    has "$3" "$said"
}
# crosswise: A is a Copy on cibou, B one on dir; each has one drive and waits for the other
crosswise() {
    local drive
    for drive in 0 1; do check "a third host has drive $drive" storage_ctl third "$drive" lock; done
    A=$(start_job copy-a) B=$(start_job copy-b)
    check "job $A waits to read in drive 0" wait_until 40 waits_for cibou \
        "3612 JobId=$A waiting because device \"LT09_1_Drive0\" ($RUN/tapes/drive0) is reserved by: ${KEY[third]}."
    check "job $B waits to read in drive 1" wait_until 40 waits_for dir \
        "3612 JobId=$B waiting because device \"LT09_2_Drive1\" ($RUN/tapes/dir/drive1) is reserved by: ${KEY[third]}."
    for drive in 0 1; do check "the third host gives drive $drive back" storage_ctl third "$drive" unregister; done
    check "cibou has drive 0" wait_until 90 held_by 0 "${KEY[cibou]}"
    check "dir has drive 1" wait_until 90 held_by 1 "${KEY[dir]}"
    check "cibou's other half is begun" wait_until 60 started_to_write "$A" a
    check "dir's other half is begun" wait_until 60 started_to_write "$B" b
    WRITES_B=$(other_half "$B" b)
}
ends_well() {   # COPY
    check "the other host's Copy goes on and ends" wait_until 150 job_over "$1"
    check "it is good" job_is "$1" T
    for drive in 0 1; do check "nothing stays behind on drive $drive" wait_until 120 free_drive "$drive"; done
}

prepare
configure
third_host
use_robot 4
{ copies a Changer-1 0 1; copies b Changer-2 1 0; } >>"$RUN/director/bacula-dir.conf"
start_daemons
mutual_wait 0
data
check "a tape for what cibou copies" label_slot cibou 1 a
check "and for its copies" label_slot cibou 2 a-copies
check "a tape for what dir copies" label_slot dir 3 b
check "and for its copies" label_slot dir 4 b-copies
for name in a b; do
    job=$(start_job "backup-$name")
    check "a backup that is to be copied ends" jobs_end 90 "$job"
    check "it is good" job_clean "$job"
done
for drive in 0 1; do check "drive $drive is free" wait_until 30 free_drive "$drive"; done

step "mutual_wait=0: nobody is refused, and everybody says so"
crosswise
check "cibou's status says so" wait_until 150 status_says cibou "Perhaps a mutual wait, for"
check "with the ring" status_says cibou "has \"LT09_1_Drive0\" and waits for \"LT09_1_Drive1\"; ${KEY[dir]}"
check "to its end" status_says cibou "has \"LT09_1_Drive1\" and waits for \"LT09_1_Drive0\"."
check "dir's status says so" wait_until 60 status_says dir "Perhaps a mutual wait, for"
check "--check is not OK" check_says dir "SHSTORE WARNING"
check "and names the command that ends it" check_says dir "cancel jobid=$WRITES_B"
check "--explain-job does not say that there is nothing to do" explain_says dir "$WRITES_B" "What to do: If that stays so, no job of the ring ever goes on: end one with \"cancel jobid=$WRITES_B\" in bconsole"
check "neither job has ended" not job_over "$A"
check "the command is given" cancel_job "$WRITES_B"
check "job $B ends" wait_until 120 job_over "$B"
ends_well "$A"

step "mutual_wait=20: one host ends its own Copy"
mutual_wait 20
for ((round = 1; round <= ${ROUNDS:-2}; round++)); do
    say "round $round"
    crosswise
    check "dir, whose key is the larger one, ends its Copy" wait_until 150 job_over "$B"
    check "with an error" failed "$B"
    check "which says why" has "3617 JobId=$WRITES_B gives up device" "$(job_log "$WRITES_B")$(job_log "$B")"
    ends_well "$A"
done
