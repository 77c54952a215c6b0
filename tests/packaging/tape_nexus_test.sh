#!/bin/bash
# The names that udev gives to the nodes of a drive, over sysfs as it was recorded: tape_nexus_test.sh PROGRAM
set -u
program=$1
sys=$(mktemp -d)
trap 'rm -rf "$sys"' EXIT
bad=0

# device PATH SERIAL: a drive with a tape node and a generic one
device() {
    mkdir -p "$sys/devices/$1/scsi_tape/nst0" "$sys/devices/$1/scsi_generic/sg3"
    printf '\001\200\000%b%s' "\\$(printf %03o ${#2})" "$2" >"$sys/devices/$1/vpd_pg80"
}
# value FILE TEXT
value() { mkdir -p "$sys/class/${1%/*}" && echo "$2" >"$sys/class/$1"; }
# expect DEVICE NEXUS: both nodes get it
expect() {
    local node told
    for node in scsi_tape/nst0 scsi_generic/sg3; do
        told=$(sh "$program" "$sys/devices/$1/$node") || { echo "FAILED: exit status $? for $1/$node"; bad=1; }
        [ "$told" = "${2:+SHSTORE_NEXUS=$2}" ] || { echo "FAILED: $1/$node is \"$told\", not \"$2\""; bad=1; }
    done
}

# Fibre Channel: two adapters, one drive
for n in 7 8; do
    device "pci0000:00/0000:00:0$n.0/host$n/rport-$n:0-0/target$n:0:0/$n:0:0:0" HU19477B2C
    value "fc_host/host$n/port_name" "0x2100001b32aaaa0$n"
    value "fc_transport/target$n:0:0/port_name" 0x50014380023560d6
    expect "pci0000:00/0000:00:0$n.0/host$n/rport-$n:0-0/target$n:0:0/$n:0:0:0" "HU19477B2C-fc-2100001b32aaaa0$n-50014380023560d6"
done
# iSCSI: two sessions of one host to one target
for n in 1 2; do
    device "platform/host$n/session$n/target$n:0:0/$n:0:0:3" DRV2
    value "iscsi_session/session$n/ifacename" "eth$n"
    expect "platform/host$n/session$n/target$n:0:0/$n:0:0:3" "DRV2-iscsi-eth$n"
done
# SAS; the expander's phys are no ports of this host
device "pci0000:00/0000:03:00.0/host5/port-5:0/end_device-5:0/target5:0:0/5:0:0:0" "  10WT01 "
value "sas_phy/phy-5:1:0/sas_address" 0x500605b000000002
value "sas_phy/phy-5:0/sas_address" 0x500605b000000001
expect "pci0000:00/0000:03:00.0/host5/port-5:0/end_device-5:0/target5:0:0/5:0:0:0" "10WT01-sas-500605b000000001"
# anything else
device "pci0000:00/0000:04:00.0/host6/target6:0:0/6:0:0:0" "A/B;C"
expect "pci0000:00/0000:04:00.0/host6/target6:0:0/6:0:0:0" "ABC-at-0000-04-00.0"
# nothing known
device "platform/host9/session9/target9:0:0/9:0:0:0" DRV9
expect "platform/host9/session9/target9:0:0/9:0:0:0" ""
device "pci0000:00/0000:04:00.0/host6/target6:0:1/6:0:1:0" ""
expect "pci0000:00/0000:04:00.0/host6/target6:0:1/6:0:1:0" ""
mkdir -p "$sys/devices/virtual/tty/tty0"
[ -z "$(sh "$program" "$sys/devices/virtual/tty/tty0")" ] || bad=1
[ "$bad" = 0 ] && echo "all names as they should be"
exit "$bad"
