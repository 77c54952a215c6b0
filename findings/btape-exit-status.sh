#!/usr/bin/env bash
# btape of Bacula 9.6.7 and 15.0.3 ends with exit status 0 whatever its commands did.
#
# An unknown command, a tape without a label: 0. Only a device that is not configured gives 1. A script that tests a drive with btape
# must read what it prints. The "tape" here is a file (Device Type = Vtape).
. "$(dirname "$0")/lib.sh"

for release in bookworm trixie; do
    use_bacula "$release"
    sd_conf "Device { Name = Drive; Media Type = LTO; Device Type = Vtape; Archive Device = $WORK/tape; Always Open = no; Automatic Mount = yes
}"
    rm -f "$WORK"/tape*
    touch "$WORK/tape"
    SHOW=4 saw "btape: readlabel on an empty tape" btape Drive readlabel
    expect "there is no label, and the exit status is 0" eval 'prints "Volume has no label" && exits 0'
    saw "btape: a word that is no command" btape Drive frobnicate
    expect "it is told, and the exit status is 0" eval 'prints "is an invalid command" && exits 0'
    SHOW=2 saw "btape: a device that is not configured" btape NoSuchDrive readlabel
    expect "exit status 1" exits 1
done
ends
