# shellcheck shell=bash
# udev as a host has it: Debian's udevd and rules, and this project's rule as packaging installs it.

udev_up() {
    local folder=/usr/lib/udev daemon
    [ -d /usr/lib/udev/rules.d ] || folder=/lib/udev
    daemon=$(dirname "$folder")/systemd/systemd-udevd
    mkdir -p /run/udev /etc/udev/rules.d
    install -m 0644 "$IN/61-shstore-tape.rules" "$folder/rules.d" && install -m 0755 "$IN/bin/shstore-tape-nexus" "$folder" || return 1
    "$daemon" --daemon --resolve-names=never && deal_names
}
# deal_names: all names of tapes and robots are dealt out anew, as at a boot
deal_names() {
    udevadm trigger --action=add --subsystem-match=scsi_generic --subsystem-match=scsi_tape && udevadm settle --timeout=120
}
