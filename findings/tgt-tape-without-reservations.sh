#!/usr/bin/env bash
# tgt 1.0.85 has persistent reservations on its disks and none on its tapes; READ FULL STATUS it has on neither.
#
# The user-space target that many use to try tape software answers PERSISTENT RESERVE IN and OUT on a tape LUN with INVALID COMMAND
# OPERATION CODE, so nothing that shares drives by reservations can be tried on it alone.
. "$(dirname "$0")/lib.sh"

tgt_up
saw "disk: REPORT CAPABILITIES" pr cibou -c 1
expect "the disk answers" exits 0
saw "disk: READ FULL STATUS" pr cibou -s 1
expect "INVALID FIELD IN CDB" prints INVALID_FIELD_IN_CDB
for action in -k -r -c -s; do
    saw "tape: iscsi-pr $action" pr cibou $action 2
    expect "INVALID COMMAND OPERATION CODE" prints INVALID_OPERATION_CODE
done
saw "tape: register" pr cibou -G -S bac001 2
expect "INVALID COMMAND OPERATION CODE" prints INVALID_OPERATION_CODE
ends
