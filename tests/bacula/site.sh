# shellcheck shell=bash disable=SC2034
# For every scenario: the library, and a site of its own that is stopped at the end whatever happens.
#   RUN=$BUILD/bacula-tests/NAME    data "dir" (6 MB, some 40 s at JOB_SPEED) and "cibou" (3 MB, some 20 s), unless let_go
#   SD_VERSIONS                     Bacula's version, or HOLDER+WAITER: that of host dir and that of host cibou

# shellcheck source=samples/lib/all.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../samples/lib/all.sh"
guard

SD_VERSIONS=${SD_VERSIONS:-$BACULA_VERSION}
VERSION=([dir]=${SD_VERSIONS%+*} [cibou]=${SD_VERSIONS#*+})
# NEXT_TRY  seconds in which a job of cibou that waits must have tried again, or have noticed that it was canceled: it sleeps
#           30 s in 9.6.7, and in 15.0.3 twice 60 s, then 30 s (stored/reserve.c, use_device_cmd)
case ${VERSION[cibou]} in 9.*) NEXT_TRY=45 ;; *) NEXT_TRY=75 ;; esac
JOB_SPEED="150 kb/s"
DIR_MEGABYTES=6

# site: everything runs, TAPE-1 is labeled and in drive 0
site() {
    prepare
    start_site
    settle
}
# the same in two halves, for scenarios that change something before the daemons start
prepare() {
    need_bacula
    [[ $SD_VERSIONS != *"$BACULA_NEWER"* ]] || need_newer_bacula || die "$TROUBLE"
    pick_run "$BUILD/bacula-tests/$(basename "$0" .test.sh)-$SD_VERSIONS"
}
settle() {
    data
    check "volume TAPE-1 is labeled" new_tape 0 TAPE-1 dir
}
# use_robot SLOTS: between configure and start_daemons. One for both hosts, with an empty tape in each slot; its moves are in
# $RUN/robot/log
use_robot() {
    local host slot
    mkdir "$RUN/robot"
    for ((slot = 1; slot <= $1; slot++)); do : >"$RUN/robot/slot-$slot"; done
    install -m 0755 "$(dirname "${BASH_SOURCE[0]}")/robot" "$RUN/robot/move"
    for host in "${HOSTS[@]}"; do
        sed -i -e "s|Changer Device = .*|Changer Device = $RUN/robot|" \
            -e "s|Changer Command = .*|Changer Command = \"$RUN/robot/move %c %o %S %a %d\"|" "$RUN/$host/bacula-sd.conf"
    done
}
# label_slot HOST SLOT [POOL [DRIVE]]: the tape in that slot becomes TAPE-<slot>, through that host's Director
label_slot() {
    keep at "$1" bc "label volume=TAPE-$2 pool=${3:-Tapes} storage=${CHANGER[$1]} drive=${4:-0} slot=$2"
    has "3000 OK label." && has "TAPE-$2" &&
        { [ -n "${STAYS_OPEN-}" ] || wait_until 20 free_drive "${4:-0}"; }
}
data() {
    DRIVE0="\"LT09_1_Drive0\" ($RUN/tapes/drive0)"   # as host cibou calls it
    make_data dir "$DIR_MEGABYTES"
    make_data cibou 3
}

# first_good [ARGUMENT...]: one backup (of cibou, unless told otherwise) that ends well, so that the tape is not empty
first_good() {
    GOOD=$(start_job backup-cibou "$@")
    check "a first backup ends" jobs_end 60 "$GOOD"
    check "it is good" job_clean "$GOOD"
    check "the drive is free again" wait_until 10 free_drive 0
}
# dir_writes: FIRST is a job through dir-sd that is writing and holds the lock
dir_writes() {
    FIRST=$(at dir start_job backup-dir)
    check "job $FIRST writes through dir-sd" wait_until 30 writing dir "$FIRST"
    check "dir has the lock" held_by 0 "${KEY[dir]}"
}
# cibou_waits: SECOND is a job through cibou-sd that waits for dir
cibou_waits() {
    SECOND=$(at cibou start_job backup-cibou)
    check "job $SECOND waits for dir" wait_until 20 waits_for cibou \
        "3612 JobId=$SECOND waiting because device $DRIVE0 is reserved by: ${KEY[dir]}."
}
