# shellcheck shell=bash
# Jobs, volumes and the catalog, through bconsole and SQLite.

# bc COMMAND...: console commands, in order; the console's output. How long each took is in log/console.log.
bc() {
    local begun=$EPOCHSECONDS status=0 answer asker line more=yes all='' patience=()
    exec {answer}< <(exec timeout --foreground "${BC_TIMEOUT:-60}" env "HOME=$RUN/$DIRECTOR" \
        "$(bacula_root "$(director_version "$DIRECTOR")")/run" bconsole -n -c "$RUN/$DIRECTOR/bconsole.conf" < <(printf '%s\n' "$@" "$BC_LAST"))
    asker=$!
    # bconsole now and then has answered and does not end for a minute (docs/versions.md): whoever looks at a job that writes would see
    # it no more.
    while [ -n "$more" ]; do
        IFS= read -r "${patience[@]}" line <&"$answer" || more=''
        if [ "$line" = "$BC_LAST" ]; then all=yes patience=(-t 3); fi
        [ -n "$all" ] || [ -z "$more$line" ] || printf '%s\n' "$line"
    done
    if [ -n "$all" ]; then kill "$asker" 2>/dev/null || true; fi
    exec {answer}<&-
    wait "$asker" || status=$?
    [ -z "$all" ] || status=0
    printf '%(%T)T to %(%T)T, exit status %d: %s\n' "$begun" -1 "$status" "$*" 2>/dev/null >>"$RUN/log/console.log" || true
    return "$status"
}
BC_LAST='@echo that was all' # shown before it is obeyed

# sd_status HOST: what the Director's console shows of a Storage Daemon
declare -A CHANGER=([cibou]=Changer-1 [dir]=Changer-2)
# A Storage Daemon that answers lists its jobs, be there any or none.
sd_status() {
    local said
    said=$(at "$1" bc "status storage=${CHANGER[$1]}" | tr -d '\000') && has 'Running Jobs:' "$said" || cannot_tell || return
    printf '%s\n' "$said"
}
sd_status_shows() {   # HOST TEXT
    local said
    said=$(sd_status "$1") || cannot_tell || return
    has "$2" "$said"
}

# catalog SQL
catalog() { sqlite3 -readonly -cmd '.timeout 5000' "$RUN/$DIRECTOR/bacula.db" "$1"; }

# make_data NAME MEGABYTES: files that do not compress and are the same on every run
make_data() {
    local folder=$RUN/data/$1 seed
    seed=$(($(cksum <<<"$1" | cut -d ' ' -f 1) % 1000000 + 1000000))
    mkdir -p "$folder/folder"
    # Shuffled numbers, compressed: nothing is left in them to compress (Bacula compresses what goes over the line).
    { seq "$seed" $((seed + $2 * 300000)) | shuf --random-source=<(seq "$seed" 99999999) | gzip -n; } >"$folder/big"
    seq "$seed" $((seed + 5000)) >"$folder/folder/numbers"
    printf 'a small file of %s\n' "$1" >"$folder/folder/small"
    : >"$folder/empty"
}

# label VOLUME HOST DRIVE: writes the label of the tape in the drive, through that host. By the drive's own Storage
# resource, because through its changer Bacula does not find a drive with Auto Select = no.
label() {
    local log
    log=$(bc "label volume=$1 pool=Tapes storage=${CHANGER[$2]}-Drive$3 drive=$3 slot=0")
    grep -q "^3000 OK label. VolBytes=.* Volume=\"$1\"" <<<"$log" || { printf '%s\n' "$log" >&2; return 1; }
}
# new_tape DRIVE VOLUME HOST: takes the old tape out of the drive, puts an empty one in and labels it
new_tape() {
    local old=$RUN/tapes/drive$1 name
    name=$(catalog 'select VolumeName from Media order by MediaId desc limit 1')
    if [ -s "$old" ]; then
        mv "$old" "$RUN/tapes/shelf-$name"
        insert_tape "$1"
        bc "update volume=$name volstatus=Archive" >/dev/null
    fi
    label "$2" "$3" "$1" && wait_until 20 free_drive "$1"   # the lock is kept for a while after the device was closed
}

# start_job NAME [ARGUMENTS]: prints the JobId, does not wait
start_job() {
    local id
    id=$(bc "run job=$* yes" | sed -n 's/^Job queued. JobId=//p')
    [ -n "$id" ] || { printf 'job %s was not accepted\n' "$*" >&2; return 1; }
    printf '%s\n' "$id"
}
# in_catalog SQL: what the catalog has of something that must be in it
in_catalog() {
    local found
    found=$(catalog "$1") && [ -n "$found" ] || cannot_tell || return
    printf '%s\n' "$found"
}
job_status() { in_catalog "select JobStatus from Job where JobId=$1"; }
job_over() {
    local status
    status=$(job_status "$1") || cannot_tell || return
    [[ $status == [TWEefAB] ]]
}
job_is() {
    local status
    status=$(job_status "$1") || cannot_tell || return
    [ "$status" = "$2" ]
}
# job_clean ID: ended, status T, no error counted, data written
job_clean() {
    local found
    found=$(in_catalog "select JobStatus||JobErrors||(JobBytes>0) from Job where JobId=$1") || cannot_tell || return
    [ "$found" = T01 ]
}
# let_go ID: what is left of that job's data goes at full speed, and all of a job's that has not begun yet (JOB_SPEED holds it
# back so that a look is sure to find it at work, however long the look takes)
let_go() { bc "setbandwidth jobid=$1 limit=1000mb/s" >/dev/null; }
# jobs_end SECONDS ID...: nobody needs those jobs at work any more: until they have ended by themselves
jobs_end() { wait_until "$1" jobs_over "${@:2}"; }
jobs_over() {
    local id status=0
    for id in "$@"; do
        job_over "$id" || { status=$?; let_go "$id" || cannot_tell || return; }
    done
    return "$status"
}
# wait_job ID SECONDS: until it has ended; canceled when it has not in time (then the wait fails)
wait_job() {
    wait_until "$2" job_over "$1" && return
    bc "cancel jobid=$1 yes" >/dev/null
    wait_until 75 job_over "$1" || true
    return 1
}
cancel_job() { bc "cancel jobid=$1 yes" >/dev/null; }
job_log() { catalog "select LogText from Log where JobId=$1 order by LogId"; }
job_logged() {   # ID TEXT
    local log
    log=$(job_log "$1") || cannot_tell || return
    has "$2" "$log"
}

# writing HOST ID: the Storage Daemon has taken data of that job
writing() {
    local said
    said=$(sd_status "$1") || cannot_tell || return
    awk -v "id=JobId=$2 " '/^Running Jobs/ { on = 1 } /^====/ { on = 0 }
        on && /^Writing:|^Reading:/ { mine = index($0 " ", id) > 0 }
        on && mine && match($0, /Bytes=[0-9,]+/) { n = substr($0, RSTART + 6, RLENGTH - 6); gsub(",", "", n) }
        END { exit !(n > 0) }' <<<"$said"
}
# waiting_text HOST: the lines under "Jobs waiting to reserve a drive:"
waiting_text() { sd_status "$1" | sed -n '/^Jobs waiting to reserve a drive:/,/^====/p'; }
waits_for() {   # HOST TEXT
    local said
    said=$(waiting_text "$1") && [ -n "$said" ] || cannot_tell || return
    has "$2" "$said"
}

# last_host VOLUME: the host that used it last. The catalog counts the volume as that host's, and a restore that names
# the other host's changer fails ("No Volume names found for restore"): Bacula leaves a changer for a tape, not for a host.
last_host() {
    local host name
    name=$(catalog "select Storage.Name from Media join Storage using (StorageId) where VolumeName='$1'")
    for host in "${HOSTS[@]}"; do [[ $name != "${CHANGER[$host]}"* ]] || echo "$host"; done
}
volume_of() { in_catalog "select VolumeName from JobMedia join Media using (MediaId) where JobId=$1 limit 1"; }
# start_restore ID FOLDER: prints the JobId, does not wait;  restore_job ID FOLDER SECONDS: waits, status T
start_restore() {
    local id
    mkdir -p "$2"
    id=$(bc "restore jobid=$1 client=client-fd restorejob=Restore storage=${CHANGER[$(last_host "$(volume_of "$1")")]} where=$2 all done yes" |
        sed -n 's/^Job queued. JobId=//p')
    [ -n "$id" ] || { printf 'the restore of job %s was not accepted\n' "$1" >&2; return 1; }
    printf '%s\n' "$id"
}
restore_job() {
    RESTORE_ID=$(start_restore "$1" "$2") || cannot_tell || return
    wait_job "$RESTORE_ID" "$3" && job_is "$RESTORE_ID" T
}
# same_data NAME FOLDER: what was restored there is byte for byte what was backed up
same_data() {
    [ -d "$RUN/data/$1" ] || cannot_tell || return
    diff -r "$RUN/data/$1" "$2$RUN/data/$1" >"$RUN/log/diff.log" 2>&1 || return 1   # nothing came back: status 2
}
# restorable ID NAME SECONDS: that backup comes back, byte for byte
restorable() {
    local folder=$RUN/restore/$1
    rm -rf "$folder"
    restore_job "$1" "$folder" "$3" && same_data "$2" "$folder"
}
# wrote_after SECOND FIRST: the one job began to write after the other had written its last
wrote_after() {
    local first second   # nothing answers: both are empty
    first=$(catalog "select max(LogId) from Log where JobId=$2 and LogText like '%Elapsed time=%Transfer rate=%'")
    second=$(catalog "select min(LogId) from Log where JobId=$1 and
        (LogText like '%Ready to append%' or LogText like '%Wrote label to prelabeled%')")
    [ -n "$first" ] && [ -n "$second" ] && [ "$second" -gt "$first" ] &&
        [ "$(catalog "select min(StartFile) from JobMedia where JobId=$1")" -gt \
            "$(catalog "select max(EndFile) from JobMedia where JobId=$2")" ]
}
# on_tape ID VOLUME HOST DRIVE: bls finds the job's records on the tape
on_tape() {
    local drive=LT09_1_Drive$4 said
    [ "$3" = cibou ] || drive=LT09_2_Drive$4
    said=$(bls "$3" -V "$2" -j "$drive") || has 'Ready to read' "$said" || cannot_tell || return   # a broken tape is an error
    grep -q "^End Job Session Record:.* JobId=$1\$" <<<"$said"
}
bls() { tool "$1" bls "${@:2}"; }
# tool HOST PROGRAM [ARGUMENT...]: a program of that host's Bacula with that host's configuration
tool() {
    timeout --foreground 60 "$(bacula_root "${VERSION[$1]}")/run" "$2" -c "$RUN/$1/bacula-sd.conf" "${@:3}" 2>&1
}
