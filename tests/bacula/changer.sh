# shellcheck shell=bash
# For the scenarios changer-*: source this one in the place of site.sh.
# The site has a library: two drives, eight slots, six tapes that are files, and a robot in shstore-target. What a drive has
# loaded is where its Archive Device, a link, leads. Both Storage Daemons move tapes with shstore-changer. Nothing is labeled.

# shellcheck source=tests/bacula/site.sh
. "$(dirname "${BASH_SOURCE[0]}")/site.sh"

NO_WATCH=yes   # both hosts open the same files, which no two hosts of the real world do
declare -A ROBOT=([cibou]=sg2 [dir]=sg6)
declare -A LIBRARY=([cibou]=LTO-Changer-1 [dir]=LTO-Changer-2)

start_target() {
    local mark=0
    [ ! -f "$RUN/log/target.log" ] || mark=$(wc -l <"$RUN/log/target.log")
    launch target "$BUILD/bin/shstore-target" "${LIBRARY_JSON:-$SAMPLES/library.json}" --directory "$RUN/san"
    up target target_ready "$mark"
}

# site_with_library: everything runs
site_with_library() {
    local host
    prepare
    configure
    for host in "${HOSTS[@]}"; do give_changer "$host"; done
    start_daemons
    make_data dir "$DIR_MEGABYTES"
    make_data cibou 3
}
# give_changer HOST: the sample configuration with the robot, and both drives for every job
give_changer() {
    local conf=$RUN/$1/bacula-sd.conf
    expand "$SAMPLES/$1/bacula-sd.conf" "$conf" "$RUN/san/drives"
    sed -i -e "s|Changer Device = /dev/null.*|Changer Device = $RUN/san/$1/${ROBOT[$1]}|" \
        -e "s|Changer Command = \"\".*|Changer Command = \"$RUN/$1/scripts/shstore-changer %c %o %S %a %d %i %j\"|" \
        -e 's|Maximum Changer Wait = 10 seconds|Maximum Changer Wait = 60 seconds|' -e '/Auto Select = no/d' "$conf"
    install -m 0755 "$BUILD/bin/shstore-changer" "$RUN/$1/scripts/shstore-changer"
    printf 'sd=%s\nready_wait=20\nrobot_wait=20\ndrive_wait=0\nlog=%s\n' "$conf" "$RUN/log/moves-$1" >"$RUN/$1/scripts/shstore-changer.conf"
    chmod 0640 "$RUN/$1/scripts/shstore-changer.conf"
}

# changer HOST COMMAND [SLOT ARCHIVE DRIVE]: by hand on that host
changer() {
    timeout --foreground 60 "$RUN/$1/scripts/shstore-changer" "$RUN/san/$1/${ROBOT[$1]}" "${@:2}"
}
archive() { printf '%s/san/drives/drive%s\n' "$RUN" "$1"; }   # DRIVE
loaded() { changer cibou loaded 0 "$(archive "$1")" "$1"; }   # DRIVE
slot_of() { in_catalog "select Slot from Media where VolumeName='$1'"; }
# Questions, as samples/lib/check.sh has them. robot_free: nobody has the robot, and nobody is registered there
is_loaded() {   # DRIVE SLOT
    local slot
    [ -n "$2" ] && slot=$(loaded "$1") && [ -n "$slot" ] || cannot_tell || return
    [ "$slot" = "$2" ]
}
robot_free() {
    local keys
    keys=$(timeout --foreground 60 "$RUN/cibou/scripts/storage-ctl" "$RUN/san/cibou/sg2" regkeys) || cannot_tell || return
    [ -z "$keys" ]
}
