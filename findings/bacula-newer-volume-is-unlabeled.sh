#!/usr/bin/env bash
# Bacula 9.6.7 takes a Volume that 15.0.3 has labeled for one without a label.
#
# 15.0.3 writes blocks with the id BB03, 9.6.7 knows BB02 only, and its btape says "Volume has no label", exit status 0. What has no
# label may be labeled: in a library that daemons of both versions share, `label` of the older one overwrites the newer one's
# tapes. The "tape" here is a file (Device Type = Vtape).
. "$(dirname "$0")/lib.sh"

sd_conf "Device { Name = Drive; Media Type = LTO; Device Type = Vtape; Archive Device = $WORK/tape; Always Open = no; Automatic Mount = yes
}"
touch "$WORK/tape"
use_bacula trixie
SHOW=40 saw "btape: label, readlabel" btape Drive label VOL1 readlabel
expect "15.0.3 labels the Volume with BB03 and reads that label" eval 'prints "Wrote Volume label" && prints "Volume label read correctly" && prints BB03'
use_bacula bookworm
SHOW=40 saw "btape: readlabel" btape Drive readlabel
expect "9.6.7 wants BB02 and says that the Volume has no label" eval 'prints "Wanted ID: \"BB02\", got \"BB03\"" && prints "Volume has no label" && exits 0'
ends
