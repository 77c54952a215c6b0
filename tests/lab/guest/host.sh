# shellcheck shell=bash disable=SC2034
# One host in a machine of its own: tapes by the kernel's initiator, names by udev. Does what the first machine asks (hosts.sh), until
# that one has ended. Each host has two lines to the target, 1 and 2: cards eth0 and eth1, iSCSI interfaces line1 and line2.
#   log_in LINE, log_out LINE, cut_line LINE, heal_line LINE
#   sg DRIVE LINE, nst DRIVE LINE        kernel's names of the drive as that session has it
#   rescan LINE, find_again LINE, swap_drives LINE   the bus is scanned again: as it is, or after both drives went (and come in the other order)
#   by_id DRIVE, by_nexus DRIVE LINE     its names by udev, without -sg, -nst

IN=/lab/in OUT=/lab/out RPC=/lab/out/rpc
# shellcheck source=samples/lib/check.sh
. "$IN/check.sh"
# shellcheck source=tests/lab/guest/library.sh
. "$IN/library.sh"
# shellcheck source=tests/lab/guest/fabric.sh
. "$IN/fabric.sh"
# shellcheck source=tests/lab/guest/udev.sh
. "$IN/udev.sh"

portal() { # LINE: this host's line ends at .2, the target's at .1
    local address
    address=$(ip -4 -o address show dev "eth$(($1 - 1))" | awk '{ print $4 }')
    echo "${address%.*}.1:${SAN_PORT##*:}"
}
node() { iscsiadm -m node -T "$SAN_IQN" -p "$(portal "$1"),1" -I "line$1" "${@:2}" >/dev/null; }
session_of() { session_target ifacename "line$1"; }
seen() { # LINE: all three devices
    session_of "$1" && nodes_of "$TARGET:0" && [ -n "$NST" ] && nodes_of "$TARGET:1" && [ -n "$NST" ] && nodes_of "$TARGET:2" &&
        udevadm settle --timeout=60 && settled "$1"
}
settled() {
    local n
    session_of "$1" || return 1
    for n in 0 1 2; do nodes_of "$TARGET:$n" && sg_turs --low --num=3 "/dev/$SG" >/dev/null 2>&1; done
    return 0
}
log_in() { node "$1" --login && wait_until 30 seen "$1"; }
log_out() { node "$1" --logout && udevadm settle --timeout=60; }
cut_line() { ip link set "eth$(($1 - 1))" down; }
heal_line() { ip link set "eth$(($1 - 1))" up; }
sg() { session_of "$2" && nodes_of "$TARGET:$1" && echo "/dev/$SG"; }
nst() { session_of "$2" && nodes_of "$TARGET:$1" && echo "/dev/$NST"; }
state() { session_of "$2" && cat "/sys/class/scsi_device/$TARGET:$1/device/state"; }
state_is() { equal "$(state "$1" "$2")" "$3"; }
by_nexus() { echo "/dev/tape/by-nexus/${SERIAL[drive$1]}-iscsi-line$2"; }
by_id() { echo "/dev/tape/by-id/scsi-$(/lib/udev/scsi_id -g -d "$(sg "$1" "${2:-1}")")"; }
leads_to() { equal "$(readlink -f "$1")" "$2"; }
# swap_drives LINE: both are found again in the other order, so that each has the node that the other one had
swap_drives() {
    if [ "$(sg 0 "$1" | tr -dc 0-9)" -lt "$(sg 1 "$1" | tr -dc 0-9)" ]; then find_again "$1" 1 0; else find_again "$1" 0 1; fi
}
# find_again LINE [DRIVE DRIVE]: both drives go, and are found again in that order
find_again() {
    local lun host
    session_of "$1" || return 1
    host=${TARGET%%:*}
    for lun in 0 1; do echo 1 >"/sys/class/scsi_device/$TARGET:$lun/device/delete"; done
    for lun in "${2:-0}" "${3:-1}"; do echo "${TARGET#*:} $lun" | tr : ' ' >"/sys/class/scsi_host/host$host/scan"; done
    wait_until 30 seen "$1"
}
rescan() { session_of "$1" && iscsiadm -m session -r "$SESSION" --rescan >/dev/null && udevadm settle --timeout=60; }

host_begins() {
    local module line
    modprobe -q crc32c_generic || true # 7.3 needs none
    for module in sg st iscsi_tcp; do modprobe "$module" || return 1; done
    cp "$IN/$LAB_GUEST.conf" /etc/storage-ctl.conf
    echo "InitiatorName=iqn.2026-11.lab:$LAB_GUEST" >/etc/iscsi/initiatorname.iscsi
    # Soon, so that a line that is cut is seen; and not so soon that a busy machine looks like one.
    printf '%s\n' 'node.startup = manual' 'node.conn[0].timeo.noop_out_interval = 5' \
        'node.conn[0].timeo.noop_out_timeout = 30' 'node.session.timeo.replacement_timeout = 10' >/etc/iscsi/iscsid.conf
    until [ -e "$RPC/san.up" ]; do sleep 0.2; done
    iscsid && udev_up || return 1
    for line in 1 2; do
        iscsiadm -m iface -I "line$line" -o new >/dev/null &&
            iscsiadm -m iface -I "line$line" -o update -n iface.initiatorname -v "iqn.2026-11.lab:$LAB_GUEST" >/dev/null &&
            node "$line" -o new || return 1
    done
}

host_begins || { dmesg | tail -n 30; die "this host did not come up"; }
trap 'echo 99 >"$RPC/$LAB_GUEST.status"' EXIT # what it was asked ended its shell
: >"$RPC/$LAB_GUEST.up"
while [ ! -e "$OUT/status" ]; do
    if [ -e "$RPC/$LAB_GUEST.request" ]; then
        REQUEST=$(<"$RPC/$LAB_GUEST.request")
        rm "$RPC/$LAB_GUEST.request"
        REQUEST_STATUS=0
        eval "$REQUEST" >"$RPC/$LAB_GUEST.answer" 2>&1 </dev/null || REQUEST_STATUS=$?
        echo "$REQUEST_STATUS" >"$RPC/$LAB_GUEST.status.new"
        mv "$RPC/$LAB_GUEST.status.new" "$RPC/$LAB_GUEST.status"
    fi
    sleep 0.1
done
trap - EXIT
