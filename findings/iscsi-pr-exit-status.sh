#!/usr/bin/env bash
# iscsi-pr of libiscsi 1.20.0 ends with exit status 0 when the target refuses a PERSISTENT RESERVE OUT; and each call is another initiator port.
#
# A RESERVATION CONFLICT is told on stderr only (a refused PERSISTENT RESERVE IN gives 255). Each run logs in with an ISID of its own, so
# "register" and then "reserve" with the same name and key leave two registrations.
. "$(dirname "$0")/lib.sh"

tgt_up
saw "cibou registers" pr cibou -G -S bac001 1
saw "cibou reserves, type 3" pr cibou -R -S bac001 -T 3 1
saw "the keys, as dir sees them" pr dir -k 1
expect "two registrations of one key" prints "2 registered reservation keys"
saw "dir reserves, type 3" pr dir -R -S bac999 -T 3 1
expect "a conflict, and exit status 0" eval 'prints "RESERVATION CONFLICT" && exits 0'
saw "the reservation" pr dir -r 1
expect "cibou still has it" prints "Key=0xbac001"
ends
