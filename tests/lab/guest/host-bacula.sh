# shellcheck shell=bash disable=SC2034
# Stock Bacula in a host that has a machine of its own (host.sh): Director, File Daemon and that host's Storage Daemon; of the other
# host's there is only what stands in the Director's configuration.
#   use_devices ARCHIVE0 CONTROL0 ARCHIVE1 CONTROL1 ROBOT;  daemons_up, daemon_again

# shellcheck source=tests/lab/guest/bacula.sh
. "$IN/bacula.sh"
NEW_CONFIG=$RUN/dir/bacula-sd.conf

robot_id() { echo "/dev/tape/by-id/scsi-$(/lib/udev/scsi_id -g -d "$(sg 2 "${1:-1}")")"; }
use_devices() {
    local n=0 name
    for name in "${@:1:4}"; do
        case $n in 0 | 2) name="Archive Device = $name" ;; *) name="Control Device = $name" ;; esac
        # The nth line of Archive and Control Device, in the order of the file.
        awk -v n="$n" -v line="  $name" '/^ *(Archive|Control) Device *=/ { if (seen++ == n) { print line; next } } { print }' \
            "$NEW_CONFIG" >"$NEW_CONFIG.new" && cat "$NEW_CONFIG.new" >"$NEW_CONFIG" || return 1
        n=$((n + 1))
    done
    sed -i "s|^ *Changer Device *=.*|  Changer Device = $5|" "$NEW_CONFIG"
}
daemons_up() { start_sd dir && start_client && start_director && make_data dir 8; }
daemon_again() { stop_sd dir && start_sd dir; }
keys() { storage_ctl dir "$1" regkeys; }
holder() { storage_ctl dir "$1" wholocked; }
control_device() { sed -n 's/^ *Control Device *= *//p' "$RUN/dir/bacula-sd.conf" | sed -n "$(($2 + 1))p"; }
# held_through DRIVE LINE: the nexus that has the lock is that session's (its ISID ends with the session's number), by READ FULL STATUS
held_through() {
    local status
    session_of "$2" && status=$(storage_ctl dir "$1" query) || cannot_tell || return
    has "iqn.2026-11.lab:dir,i,0x$(printf '00023d%06x' "$SESSION")" "$status" && held_by "$1" "${KEY[dir]}"
}
# opened DRIVE: that daemon's plugin keeps its lock for whoever opened it without asking
opened() {
    awk -v n="$1" '/"archive_device":/ { drive++ } /"opened_by":/ && drive == n + 1 { found = 1 } END { exit !found }' \
        "$RUN/dir/working/dir-sd.shstore.json"
}
away() { fails timeout 60 sg_inq "$(sg "$1" "$2")" >/dev/null; }
answers() { timeout 60 sg_inq "$(sg "$1" "$2")" >/dev/null; }

configure_lab && install_plugin dir
