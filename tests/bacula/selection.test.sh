#!/bin/bash
# Which drive a job gets, in a stock bacula-sd and by our rules: the same situations, compared word for word.
#
# One Storage Daemon has a changer of two drives for each situation, with a Media Type of its own, so that they do not
# touch each other. Its status before the jobs start is what shstore-status --explain-job is given; its status afterwards is
# what must come true: the drive, or the lines under "Jobs waiting to reserve a drive:".
# Bacula: 9.6.7
set -euo pipefail
# shellcheck source=tests/bacula/site.sh
. "$(dirname "${BASH_SOURCE[0]}")/site.sh"
# shellcheck source=tests/bacula/explain.sh
. "$(dirname "${BASH_SOURCE[0]}")/explain.sh"

# A job that no drive comes into question for: 9.6 tries for ten minutes and lists it nowhere, 15 gives it up at once.
case ${VERSION[cibou]} in 9.*) NO_DRIVE='is not known to cibou-sd' ;; *) NO_DRIVE='(backup-dir) has ended: Error' ;; esac
SITUATIONS=()

# changer NAME "DEVICE 0" "DEVICE 1": directives on top of the usual ones
changer() {
    local name=$1 drive extra
    SITUATIONS+=("$name")
    printf 'Autochanger { Name = %s; Device = %s-0, %s-1; Changer Device = /dev/null; Changer Command = "" }\n' \
        "$name" "$name" "$name" >>"$RUN/cibou/bacula-sd.conf"
    for drive in 0 1; do
        extra=$2
        [ "$drive" = 0 ] || extra=$3
        : >"$RUN/tapes/$name-$drive"
        cat >>"$RUN/cibou/bacula-sd.conf" <<END
Device {
  Name = $name-$drive; Archive Device = $RUN/tapes/$name-$drive; Device Type = Vtape; Drive Index = $drive
  Autochanger = yes; Automatic Mount = yes; Removable Media = yes; Maximum Changer Wait = 10 seconds; $extra
}
END
        storage "$name-Drive$drive" "$name-$drive" "Autochanger = $name"
    done
    storage "$name" "$name" "Autochanger = yes"
}
# storage NAME DEVICE EXTRA: of the Director; its Media Type is that of the situation
storage() {
    cat >>"$RUN/director/bacula-dir.conf" <<END
Storage {
  Name = $1; Address = 127.0.0.1; SD Port = ${PORT[cibou]}; Password = "$PASSWORD"; Maximum Concurrent Jobs = 20
  Device = $2; Media Type = ${2%-[01]}; $3
}
END
}
more_of_the_director() {
    cat >>"$RUN/director/bacula-dir.conf" <<END
Pool { Name = Other; Pool Type = Backup; Recycle = no; Auto Prune = no }
Pool { Name = Third; Pool Type = Backup; Recycle = no; Auto Prune = no }
Job { Name = backup-free; JobDefs = Backup; FileSet = files-dir; Storage = onlyone; Prefer Mounted Volumes = no }
# They have their drive and do not begin.
Job { Name = backup-later; JobDefs = Backup; FileSet = files-cibou; Storage = promised; Client Run Before Job = "/bin/sleep 40" }
Job {
  Name = restore-later; Type = Restore; Client = client-fd; FileSet = files-dir; Pool = Tapes; Storage = toberead
  Where = $RUN/restore; Messages = Standard; Client Run Before Job = "/bin/sleep 40"
}
END
}

usual='Always Open = no'
situations() {
    changer afterstart "Media Type = afterstart; $usual" "Media Type = afterstart; $usual"
    changer poolsteers "Media Type = poolsteers; Always Open = yes" "Media Type = poolsteers; Always Open = yes"
    changer otherpool "Media Type = otherpool; $usual" "Media Type = otherpool; $usual; Auto Select = no"
    changer bothpools "Media Type = bothpools; $usual" "Media Type = bothpools; $usual"
    changer noneselects "Media Type = noneselects; $usual; Auto Select = no" "Media Type = noneselects; $usual; Auto Select = no"
    changer byname "Media Type = byname; $usual" "Media Type = byname; $usual; Auto Select = no"
    changer readonly "Media Type = readonly; $usual; Read Only = yes" "Media Type = readonly; $usual"
    changer disabled "Media Type = disabled; $usual; Enabled = no" "Media Type = disabled; $usual"
    changer mediatype "Media Type = another; $usual" "Media Type = mediatype; $usual"
    changer full "Media Type = full; $usual; Maximum Concurrent Jobs = 1" "Media Type = full; $usual; Read Only = yes"
    changer overflows "Media Type = overflows; $usual; Maximum Concurrent Jobs = 1" "Media Type = overflows; $usual"
    changer preferfree "Media Type = preferfree; $usual" "Media Type = preferfree; $usual"
    changer onlyone "Media Type = onlyone; $usual" "Media Type = onlyone; $usual"
    changer joins "Media Type = joins; $usual" "Media Type = joins; $usual"
    changer volumeorder "Media Type = volumeorder; $usual" "Media Type = volumeorder; $usual"
    changer promised "Media Type = promised; $usual" "Media Type = promised; $usual; Auto Select = no"
    changer toberead "Media Type = toberead; $usual" "Media Type = toberead; $usual; Auto Select = no"
    changer unmounted "Media Type = unmounted; Always Open = yes" "Media Type = unmounted; $usual; Auto Select = no"
    changer restore "Media Type = restore; $usual" "Media Type = restore; $usual; Auto Select = no"
}

# put VOLUME POOL DRIVE: an order to label; all of them go to the console at once
ORDERS=()
put() { ORDERS+=("label volume=$1 pool=$2 storage=${3%-*}-Drive${3##*-} drive=${3##*-} slot=0"); }
volumes() {
    local name
    for name in afterstart otherpool noneselects full onlyone joins promised toberead restore; do put "$name-A" Tapes "$name-0"; done
    for name in poolsteers bothpools overflows; do
        put "$name-A" Tapes "$name-0"
        put "$name-B" Other "$name-1"
    done
    for name in 0 1; do put "preferfree-$name" Tapes "preferfree-$name"; done
    for name in readonly disabled mediatype byname; do put "$name-A" Tapes "$name-1"; done
    put unmounted-A Tapes unmounted-0
    put volumeorder-Z Tapes volumeorder-0
    put volumeorder-A Tapes volumeorder-1
    BC_TIMEOUT=90 bc "${ORDERS[@]}" >"$RUN/log/labels.log"
    check "all ${#ORDERS[@]} Volumes are labeled" equal "${#ORDERS[@]}" "$(grep -c '^3000 OK label' "$RUN/log/labels.log")"
}

# status FILE: of the daemon, with its counters
status() { bc "status storage=afterstart" | tr -d '\000' >"$1"; }
# restore_of ID STORAGE JOB: prints the JobId
restore_of() {
    bc "restore jobid=$1 client=client-fd restorejob=$3 storage=$2 where=$RUN/restore/$2 all done yes" |
        sed -n 's/^Job queued. JobId=//p'
}
# promised COUNT: so many drives count a job that has not begun
promised() { equal "$(bc "status storage=afterstart" | grep -acE '^ +Writers=0 reserves=1 ')" "$1"; }
# foretold SITUATION: what came of its job could be known before the job was started
foretold() {
    local hints
    read -ra hints <<<"${TOLD[$1]}"
    agree "$(expected cibou "${ID[$1]}" "$RUN/log/before" --media-type "$1" "${hints[@]}")" "$(truth "${ID[$1]}" "$RUN/log/after")"
}
# explained SITUATION: what the job does is understood from bacula-sd's status alone
explained() {
    local came
    came=$(truth "${ID[$1]}" "$RUN/log/after")
    case $came in
    'drive none') keep explain cibou "${ID[$1]}" "$RUN/log/after" || true; has "Job ${ID[$1]} $NO_DRIVE" ;;
    drive*) keep explain cibou "${ID[$1]}" "$RUN/log/after" && has "\"${came#drive }\" (" && lacks "waits for a drive" ;;
    *) agree "$(expected cibou "${ID[$1]}" "$RUN/log/after")" "$came" ;;
    esac
}

prepare
configure
sed -i '/^Autochanger {/,$d' "$RUN/cibou/bacula-sd.conf"
more_of_the_director
situations
sed -i 's/Maximum Concurrent Jobs = [0-9][0-9]$/Maximum Concurrent Jobs = 99/' "$RUN"/{cibou/bacula-sd,director/bacula-dir,client/bacula-fd}.conf
start_sd cibou
start_client
start_director
CHECK_LOGS=("$RUN/log/jobs.log" "$RUN/log/cibou-sd.log" "$RUN/log/director.log")
make_data dir 10
make_data cibou 1
volumes
bc "setdebug level=1 trace=1 storage=afterstart" >/dev/null
earlier=$(start_job backup-cibou storage=restore)
read_later=$(start_job backup-cibou storage=toberead)
steering=$(start_job backup-cibou storage=poolsteers-Drive1 pool=Other)
check "a backup to restore from ends" jobs_end 60 "$earlier"
check "a second one too" jobs_end 60 "$read_later"
check "one that leaves its Volume mounted too" jobs_end 60 "$steering"

step "drives that are in use"
declare -A BUSY=()
for name in otherpool bothpools full overflows preferfree onlyone joins restore; do
    BUSY[$name]=$(start_job backup-dir "storage=$name" pool=Tapes)
done
start_job backup-later >/dev/null
restore_of "$read_later" toberead restore-later >/dev/null
BUSY[bothpools-1]=$(start_job backup-dir storage=bothpools-Drive1 pool=Other)
for name in "${!BUSY[@]}"; do check "a job writes in $name" wait_until 30 writing cibou "${BUSY[$name]}"; done
check "two jobs are promised a drive" wait_until 20 promised 2
bc "unmount storage=unmounted-Drive0" >/dev/null
status "$RUN/log/before"

step "a job for each situation"
# start SITUATION: sets JOB and HINTS, what shstore-status is told about the job
start() {
    local storage=$1 pool=Tapes job=backup-dir volumes=$1-A
    HINTS="--device $1"
    case $1 in
    byname) storage=$1-Drive1 HINTS="--device $1-1" ;;
    poolsteers) pool=Other volumes=$1-B ;;
    otherpool | promised) pool=Other volumes= ;;
    volumeorder) volumes="$1-A $1-Z" ;;
    bothpools) pool=Third volumes= ;;
    preferfree) job=backup-free volumes="$1-0 $1-1" HINTS+=' --prefer-mounted no' ;;
    onlyone) job=backup-free HINTS+=' --prefer-mounted no' ;;
    restore) HINTS+=' --reads yes'; JOB=$(restore_of "$earlier" restore Restore); return ;;
    esac
    HINTS+=" --pool $pool${volumes:+ --volume ${volumes// / --volume }}"
    JOB=$(start_job "$job" "storage=$storage" "pool=$pool")
}
declare -A ID=() TOLD=()
for name in "${SITUATIONS[@]}"; do
    start "$name"
    ID[$name]=$JOB TOLD[$name]=$HINTS
done
# asked_for_a_drive: bacula-sd has looked for a drive for each of them
asked_for_a_drive() {
    local name
    status "$RUN/log/after"
    for name in "${SITUATIONS[@]}"; do
        [ "$name" = noneselects ] || [ "$(truth "${ID[$name]}" "$RUN/log/after")" != 'drive none' ] || return 1
    done
}
wait_until 20 asked_for_a_drive || true # what is missing is told below
for name in "${SITUATIONS[@]}"; do
    truth "${ID[$name]}" "$RUN/log/after" | sed "1s/^/$name: /" | show
    check "$name was foretold" foretold "$name"
    check "and is explained" explained "$name"
done
