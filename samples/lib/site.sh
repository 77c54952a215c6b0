# shellcheck shell=bash disable=SC2034
# The site of the white paper on one machine: target, two Storage Daemons (hosts "cibou" and "dir"), File Daemon and
# Director, all on 127.0.0.1 with directories of their own under $RUN. Everything started here is stopped here, by PID.

HOSTS=(cibou dir)
declare -A KEY=([cibou]=0xbac001 [dir]=0xbac999)
declare -A STARTED=()   # daemon -> PID

# Bacula's version on each host. Director and Storage Daemon must be of one version: that of 15 refuses an older Storage
# Daemon (dird/authenticate.c, SD_VERSION), and 9.6's does not send the "wait=" that a newer one requires (stored/reserve.c,
# use_storage). So hosts of different versions have a Director each, as two sites that share a library.
declare -A VERSION=([cibou]=9.6.7 [dir]=9.6.7)
DIRECTOR=director   # the one that bc, catalog and all about jobs mean; also its folder in $RUN
one_version() { [ "${VERSION[cibou]}" = "${VERSION[dir]}" ]; }
director_of() { if one_version; then echo director; else echo "director-$1"; fi; }   # HOST
directors() { if one_version; then echo director; else printf 'director-%s\n' "${HOSTS[@]}"; fi; }
director_version() { case $1 in director-*) echo "${VERSION[${1#director-}]}" ;; *) echo "${VERSION[dir]}" ;; esac; }
# at HOST COMMAND...: with that host's Director
at() {
    local DIRECTOR
    DIRECTOR=$(director_of "$1")
    "${@:2}"
}

# pick_run WANTED: sets RUN to a directory whose paths fit Bacula's 127 bytes and a socket's 107. Wipes an old one.
pick_run() {
    RUN=$1
    if [ "${#RUN}" -gt 88 ] || [[ $RUN == *[!A-Za-z0-9_./+-]* ]]; then
        RUN=$(mktemp -d "${TMPDIR:-/tmp}/shstore.XXXXXX")
        say "the run directory is $RUN ($1 is too long for a Bacula directive, or has unusual characters)"
        [ "${#RUN}" -le 88 ] || die "$RUN is too long: set TMPDIR to a short path"
    fi
    mkdir -p "$(dirname "$RUN")"
    exec {RUN_LOCK}>"$RUN.lock"
    flock -n "$RUN_LOCK" || die "another run is using $RUN"
    stop_leftovers
    rm -rf "$RUN"
    mkdir -m 0700 "$RUN"
    mkdir "$RUN"/{log,pids,tapes,data,restore,client,san,san/cibou,san/dir}
    mkdir "$RUN"/{cibou,dir} "$RUN"/{cibou,dir}/{plugins,scripts,working}
}

# stop_leftovers: daemons of an earlier run that was killed with -9, known by their PID files and their program
stop_leftovers() {
    local file name pid
    for file in "$RUN"/pids/*; do
        [ -e "$file" ] || continue
        pid=$(<"$file")
        case $(readlink "/proc/$pid/exe" 2>/dev/null) in
        "$BUILD"/*) name=${file##*/}; STARTED[$name]=$pid; stop "$name" ;;
        esac
    done
}

# ---- ports

port_listens() {   # looked up, not tried: a daemon logs a connection that says nothing
    local hex
    printf -v hex ':%04X 00000000:0000 0A' "$1"
    grep -q "$hex" /proc/net/tcp
}
port_used() {
    local hex
    printf -v hex ':%04X' "$1"
    awk -v "end=$hex\$" '$2 ~ end { used = 1 } END { exit !used }' /proc/net/tcp /proc/net/tcp6 2>/dev/null
}

# pick_ports: some that nobody uses, below the range the kernel hands out itself
declare -A PORT=()
pick_ports() {
    local role port
    for role in $(directors) client "${HOSTS[@]}"; do
        for _ in {1..200}; do
            port=$((20000 + RANDOM % 12000))
            case " ${PORT[*]} " in *" $port "*) continue ;; esac
            port_used "$port" || break
            port=
        done
        [ -n "$port" ] || die "no free port found"
        PORT[$role]=$port
    done
}

# ---- configuration

# expand TEMPLATE FILE [TAPES]: fills in the placeholders of a sample configuration
expand() {
    sed -e "s|@TAPES@|${3:-$RUN/tapes}|g" -e "s|@RUN@/director|$RUN/$DIRECTOR|g" -e "s|@RUN@|$RUN|g" \
        -e "s|@BACULA@|$BACULA|g" -e "s|@PASSWORD@|$PASSWORD|g" -e "s|@DIRECTOR_PORT@|${PORT[$DIRECTOR]}|g" -e "s|@CLIENT_PORT@|${PORT[client]}|g" \
        -e "s|@CIBOU_PORT@|${PORT[cibou]}|g" -e "s|@DIR_PORT@|${PORT[dir]}|g" "$1" >"$2"
    chmod 0640 "$2"
}

# tapes_of HOST: the folder in which that host finds its drives. The files in both are the same (hard links): so a program opens a
# drive by one host's name for it, as in the real world by that host's device node, and the plugin of the other does not see it.
tapes_of() { case $1 in dir) echo "$RUN/tapes/dir" ;; *) echo "$RUN/tapes" ;; esac; }
# insert_tape DRIVE: an empty one; beside it is written which drive of san.json the file stands for
insert_tape() {
    local folder
    : >"$RUN/tapes/drive$1"
    ln -f "$RUN/tapes/drive$1" "$RUN/tapes/dir/drive$1"
    for folder in "$RUN/tapes" "$RUN/tapes/dir"; do echo "HU10450A0$(($1 + 1))" >"$folder/drive$1.drive"; done
}

configure() {
    local host drive DIRECTOR=director
    PASSWORD=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    pick_ports
    for DIRECTOR in $(directors); do configure_director; done
    for host in "${HOSTS[@]}"; do expand "$SAMPLES/$host/bacula-sd.conf" "$RUN/$host/bacula-sd.conf" "$(tapes_of "$host")"; done
    expand "$SAMPLES/client/bacula-fd.conf" "$RUN/client/bacula-fd.conf"
    mkdir -p "$RUN/tapes/dir"
    for drive in 0 1; do insert_tape "$drive"; done
}
configure_director() {
    local tables
    tables=$(bacula_root "$(director_version "$DIRECTOR")")/usr/share/bacula-director/make_sqlite3_tables
    mkdir "$RUN/$DIRECTOR"
    expand "$SAMPLES/director/bacula-dir.conf" "$RUN/$DIRECTOR/bacula-dir.conf"
    [ -z "${JOB_SPEED-}" ] || sed -i "s|Maximum Bandwidth = 400 kb/s|Maximum Bandwidth = $JOB_SPEED|" "$RUN/$DIRECTOR/bacula-dir.conf"
    expand "$SAMPLES/director/bconsole.conf" "$RUN/$DIRECTOR/bconsole.conf"
    sed -e "s|cd /var/lib/bacula|cd $RUN/$DIRECTOR|" -e 's|XXX_DBNAME_XXX|bacula|' "$tables" | sh >"$RUN/log/catalog.log" 2>&1 ||
        die "cannot make the catalog" "$RUN/log/catalog.log"
}

# install_plugin HOST / remove_plugin HOST: plugin, storage-ctl and its configuration as an administrator puts them
install_plugin() {
    local file
    for file in "$BUILD/lib/shstore-sd.so" "$BUILD/bin/storage-ctl"; do
        [ -f "$file" ] || die "$file is not there: has it been built?"
    done
    # A regular file, not a link: bacula-sd passes over links without a word.
    install -m 0755 "$BUILD/lib/shstore-sd.so" "$RUN/$1/plugins/shstore-sd.so"
    install -m 0755 "$BUILD/bin/storage-ctl" "$RUN/$1/scripts/storage-ctl"
    install -m 0640 "$SAMPLES/$1/storage-ctl.conf" "$RUN/$1/scripts/storage-ctl.conf"
    [ -z "${NO_WATCH-}" ] || echo watch_opens=0 >>"$RUN/$1/scripts/storage-ctl.conf"
}
# remove_plugin HOST: back to the stock daemon, with a name of its own for each drive as on a real host.
# (Bacula's Vtape keeps a lock file beside the path it opens, DRIVE.l, and the daemon that comes second dies of a failed
# assertion. That saves no tape in the real world, so here the two hosts come to the drive by two paths.)
remove_plugin() {
    local drive
    rm -f "$RUN/$1/plugins/shstore-sd.so"
    mkdir -p "$RUN/$1/drives"
    for drive in 0 1; do ln -sfn "$(tapes_of "$1")/drive$drive" "$RUN/$1/drives/drive$drive"; done
    expand "$SAMPLES/$1/bacula-sd.conf" "$RUN/$1/bacula-sd.conf" "$RUN/$1/drives"
}

# storage_ctl HOST DRIVE OPERATION: by hand on that host
declare -A CONTROL=([cibou:0]=cibou/sg0 [cibou:1]=cibou/sg1 [dir:0]=dir/sg4 [dir:1]=dir/sg5)
control_device() { printf '%s/san/%s\n' "$RUN" "${CONTROL[$1:$2]}"; }
storage_ctl() { timeout --foreground 60 "$RUN/$1/scripts/storage-ctl" "$(control_device "$1" "$2")" "$3"; }
# keys DRIVE / holder DRIVE: registered keys, and the key that holds the lock, as host "cibou" sees them
keys() { storage_ctl cibou "$1" regkeys; }
holder() { storage_ctl cibou "$1" wholocked; }
# Questions, as check.sh has them: DRIVE KEY, DRIVE KEY, DRIVE KEY, DRIVE
held_by() {
    local holder
    known_key "$2" && holder=$(holder "$1") || cannot_tell || return
    [ "$holder" = "$2" ]
}
registered() {
    local keys
    known_key "$2" && keys=$(keys "$1") || cannot_tell || return
    grep -qx "$2" <<<"$keys"
}
unregistered() { not registered "$@"; }
free_drive() {
    local keys holder
    keys=$(keys "$1") && holder=$(holder "$1") || cannot_tell || return
    [ -z "$keys$holder" ]
}
known_key() { [[ " ${KEY[*]} " == *" $1 "* ]]; }   # nobody ever has a key that was misspelled
# shstore_status HOST
shstore_status() { timeout --foreground 60 "$BUILD/bin/shstore-status" --sd "$RUN/$1/bacula-sd.conf"; }

status_says() {   # HOST TEXT
    local said
    said=$(shstore_status "$1") || [ -n "$said" ] || cannot_tell || return   # its exit status tells how the drives are
    has "$2" "$said"
}

# ---- starting and stopping

# launch NAME COMMAND...: in the background, output to $RUN/log/NAME.log
launch() {
    local name=$1
    shift
    ! alive "$name" || die "$name is already running"
    (
        exec {RUN_LOCK}>&-
        ulimit -c 0
        exec "$@"
    ) >>"$RUN/log/$name.log" 2>&1 </dev/null &
    STARTED[$name]=$!
    disown "$!"   # its end is reported by us, not by the shell
    echo $! >"$RUN/pids/$name"
}
launch_bacula() {   # NAME VERSION PROGRAM CONFIGURATION
    launch "$1" "$(bacula_root "$2")/run" "$3" -f -P -c "$4"
}

alive() { [ -n "${STARTED[$1]-}" ] && running "${STARTED[$1]}"; }   # NAME

# up NAME COMMAND...: waits until the command succeeds, or says why the daemon did not come up
up() {
    local name=$1 deadline=$(($(date +%s) + 120))
    shift
    until "$@"; do
        alive "$name" || die "$name has ended at start" "$RUN/log/$name.log"
        [ "$(date +%s)" -lt "$deadline" ] || die "$name is not ready after 120 s" "$RUN/log/$name.log"
        sleep 0.1
    done
}

# stop NAME [SIGNAL]: TERM unless told otherwise, KILL when it is still there after 10 s
stop() {
    local pid=${STARTED[$1]-}
    [ -n "$pid" ] || return 0
    if running "$pid"; then
        kill "-${2:-TERM}" "$pid" 2>/dev/null || true
        # Stock bacula-sd 9.6.7 may hang or crash when it is ended while a job runs.
        wait_until 10 gone "$pid" || { kill -KILL "$pid" 2>/dev/null || true; wait_until 5 gone "$pid" || return 0; }
    fi
    unset "STARTED[$1]"
    rm -f "$RUN/pids/$1"
}

start_target() {
    local mark=0
    [ -f "$SAMPLES/san.json" ] || die "$SAMPLES/san.json is missing"
    [ ! -f "$RUN/log/target.log" ] || mark=$(wc -l <"$RUN/log/target.log")
    launch target "$BUILD/bin/shstore-target" "$SAMPLES/san.json" --directory "$RUN/san"
    up target target_ready "$mark"
}
target_ready() { tail -n "+$(($1 + 1))" "$RUN/log/target.log" 2>/dev/null | grep -qx ready; }

# Volume sessions are told apart by the second in which their Storage Daemon was started: two must not share one.
start_sd() {
    local second
    second=$(date +%s)
    [ "$second" != "${LAST_SD_START-}" ] || wait_until 3 later "$second"
    LAST_SD_START=$(date +%s)
    launch_bacula "$1-sd" "${VERSION[$1]}" bacula-sd "$RUN/$1/bacula-sd.conf"
    up "$1-sd" port_listens "${PORT[$1]}"
    LAST_SD_START=$(date +%s)
}
later() { [ "$(date +%s)" -gt "$1" ]; }
stop_sd() { stop "$1-sd" "${2:-TERM}"; }
# A File Daemon may be older than its Director and its Storage Daemon. That of 15.0.3 was seen to send faster than Maximum
# Bandwidth allows, and the jobs have to last.
start_client() {
    launch_bacula client "$BACULA_VERSION" bacula-fd "$RUN/client/bacula-fd.conf"
    up client port_listens "${PORT[client]}"
}
start_director() {   # [NAME], one of `directors`
    local name=${1:-director}
    launch_bacula "$name" "$(director_version "$name")" bacula-dir "$RUN/$name/bacula-dir.conf"
    up "$name" port_listens "${PORT[$name]}"
}

# start_site: all of it, the Storage Daemons with the plugin
start_site() { configure; start_daemons; }
start_daemons() {
    local host director
    start_target
    for host in "${HOSTS[@]}"; do
        install_plugin "$host"
        start_sd "$host"
    done
    start_client
    for director in $(directors); do start_director "$director"; done
    CHECK_LOGS=("$RUN/log/jobs.log" "$RUN/log/cibou-sd.log" "$RUN/log/dir-sd.log" "$RUN/log/target.log" "$RUN/log/console.log")
}
stop_site() {
    local name
    for name in $(directors) client cibou-sd dir-sd target; do stop "$name"; done
}

# guard: whatever ends this script, what it started is stopped, and a failure is never silent
guard() {
    set -E
    trap 'FAILED_AT="${BASH_SOURCE[0]##*/}:$LINENO: $BASH_COMMAND"' ERR
    trap at_exit EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
}
at_exit() {
    local status=$?
    trap - EXIT ERR
    trap '' INT TERM
    set +e
    case $status in
    0 | 130 | 143) ;;
    *) [ -n "${DEAD-}" ] || (EXCERPT_LINES=20 die "${FAILED_AT:-exit status $status}" "${CHECK_LOGS[@]}") ;;
    esac
    stop_site
    exit "$status"
}
