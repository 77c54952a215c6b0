#!/bin/bash
# The lab itself: what its drives, its robot and its fabric do that other tests rely on, seen with the tools of sg3_utils, mt, mtx,
# lsscsi and udevadm, without this project's programs.
# fabrics: loop iscsi
# seconds: 600
set -euo pipefail
# shellcheck source=tests/lab/guest/lab.sh
. /lab/in/lab.sh
# shellcheck source=tests/lab/guest/udev.sh
. /lab/in/udev.sh

# raw HOST BYTES CDB...: the data that a command brings, in hexadecimal, in one line
raw() {
    sg_raw -b -R -r "$2" "$(sg "$1")" "${@:3}" 2>/dev/null | od -An -tx1 -v | tr -d ' \n'
}
# at FLAGS OBJECT FILE: both forms of READ POSITION, from both hosts, and mt tell; all numbers in hexadecimal
at() {
    local short long
    short=$(printf '%s000000%08x%08x0000000000000000' "$1" "0x$2" "0x$2")
    long=$(printf '%s00000000000000%016x%016x0000000000000000' "$1" "0x$2" "0x$3")
    for host in dir cibou; do
        equal "$(raw "$host" 20 34 0 0 0 0 0 0 0 0 0)" "$short" && equal "$(raw "$host" 32 34 6 0 0 0 0 0 0 0 0)" "$long" || return 1
    done
    equal "$(mt -f "$(nst dir)" tell)" "At block $((0x$2))."
}
blocks() { head -c $(($1 * 64512)) /dev/urandom >/tmp/data && write_tape dir /tmp/data; }
tape_at() { mt -f "$(nst dir)" "$@"; }
# answers_with SENSE COMMAND...: what sg3_utils says of the sense data
answers_with() { keep "${@:2}"; has "$1"; }
ready() { sg_turs --low "$(sg "$1")" >/dev/null 2>&1; }

step "READ POSITION, short and long form, is true to what was written"
check "no tape: medium not present" answers_with "Medium not present" sg_raw -r 20 "$(sg dir)" 34 0 0 0 0 0 0 0 0 0
check "the robot loads a tape" load 1
check "it is ready" wait_until 20 ready dir
check "   at its beginning" at 80 0 0
check "dir writes 5 blocks" blocks 5
check "   5 blocks and the filemark of close" at 00 6 1
check "and 3 more" blocks 3
check "   10 objects, 2 files" at 00 a 2
check "back over a filemark" tape_at bsf 1
check "   it stands before it" at 00 9 1
check "back over two blocks" tape_at bsr 2
check "   7" at 00 7 1
check "back over the first filemark" tape_at bsf 1
check "   it stands before it" at 00 5 0
check "forward over it" tape_at fsf 1
check "   file 1" at 00 6 1
check "one block forward" tape_at fsr 1
check "   7" at 00 7 1
check "MTSEEK, which is LOCATE" tape_at seek 2
check "   2" at 00 2 0
check "end of data" tape_at eod
check "   10, file 2" at 00 a 2
check "rewind" tape_at rewind
check "   0" at 80 0 0
check "a read" dd if="$(nst dir)" of=/dev/null bs=64512 count=2
check "   moves by as many blocks" at 00 2 0
check "writing in the middle ends the tape there" blocks 1
check "   4 objects" at 00 4 1
check "and nothing is behind" fails tape_at fsf 1
check "   at the end" at 00 4 1
check "erasing" tape_at rewind
check "   " tape_at fsr 1
check "   leaves one block" tape_at erase
check "   " tape_at eod
check "   " at 00 1 0
check "through another drive it is the same tape" mtx -f "$(robot dir)" unload 1 0
check "   " mtx -f "$(robot dir)" load 1 1
check "   " wait_until 20 sg_turs --low "$(sg dir 1)"
check "   one block, then nothing" equal "$(mt -f "$(nst dir 1)" eod && mt -f "$(nst dir 1)" tell)" "At block 1."
check "   back home" mtx -f "$(robot dir)" unload 1 1

step "LOG SENSE"
check "the robot loads a tape" load 1
check "it is ready" wait_until 20 ready dir
page() { keep sg_logs -p "$2" "$(sg "$1")" && has "$3"; }
check "pages 0Ch, 11h and 2Eh are supported" page dir 0 "Sequential access device"
check "   DT device status" has "DT"
check "   TapeAlert" has "Tape alert"
check "0Ch counts what was written" page dir 0xc "Data bytes received with WRITE"
show <<<"$KEPT"
check "11h: the drive is not in transition, a tape is mounted" page dir 0x11 "INXTN=0"
show <<<"$KEPT"
check "   mounted" has "MOUNTED=1"
check "no TapeAlert flag is up" equal "$(sg_logs -p 0x2e "$(sg dir)" | grep -c ': 1$')" 0
tell_drive 0 alert 20
check "flag 20 is, by an order" page dir 0x2e "Cleaning required: 1"
check "   and reading has cleared it" equal "$(sg_logs -p 0x2e "$(sg cibou)" | grep -c ': 1$')" 0

step "by an order: a command ends as told, once"
ready dir || true
tell_drive 0 answer 6 29 0
check "29/00" answers_with "Power on, reset, or bus device reset occurred" sg_turs -v --low "$(sg dir)"
check "   once" ready dir
tell_drive 0 answer 3 0c 0 0a
check "TEST UNIT READY is not WRITE" ready dir
check "a write that fails" fails blocks 1
check "   and the next that does not" blocks 1

step "a reset of the logical unit: st's position and the drive's"
check "the tape is written" tape_at rewind
check "   " blocks 4
check "cibou resets it" sg_reset --device "$(sg cibou)"
ready dir || true
ready cibou || true
position_is() { equal "$(tell_drive 0 position)" "$1"; }
check "the drive has kept its position" position_is "5 1"
tell_drive 0 reset-rewinds on
check "cibou resets it" sg_reset --device "$(sg cibou)"
check "by an order, it rewinds at a reset" position_is "0 0"
tell_drive 0 reset-rewinds off
tell_drive 0 move 3
check "by an order, the tape is somewhere else" position_is "3 0"
for host in dir cibou; do ready "$host" || true; done
check "   which READ POSITION tells" equal "$(raw cibou 20 34 0 0 0 0 0 0 0 0 0)" 0000000000000003000000030000000000000000
check "the robot unloads" mtx -f "$(robot dir)" unload 1 0

step "by an order, a drive is not ready for some seconds after a load"
tell_drive 0 calibration 6
check "the robot loads a tape" load 1
check "the drive is becoming ready" answers_with "becoming ready" sg_turs -v --low "$(sg dir)"
check "LOG SENSE 11h says that it is in transition" page dir 0x11 "INXTN=1"
check "   not mounted" has "MOUNTED=0"
check "an unload is ignored" sg_start --eject "$(sg dir)"
check "and MOVE MEDIUM refused with 5/3A/00" fails keep sg_raw "$(robot dir)" a5 0 0 1 1 0 4 0 0 0 0 0
show <<<"$KEPT"
check "   medium not present" has "Medium not present"
check "   which mtx calls a drive that needs offline" fails keep mtx -f "$(robot dir)" unload 1 0
check "   " has "Drive needs offline before move"
check "then it is ready" wait_until 30 ready dir
check "and unloads" mtx -f "$(robot dir)" unload 1 0
tell_drive 0 calibration 0
check "the next load is ready at once" load 1
check "   " ready dir
check "the robot unloads" mtx -f "$(robot dir)" unload 1 0

step "by an order, a drive goes away"
tell_drive 0 away on
check "it is not there" answers_with "Logical unit not supported" sg_turs -v --low "$(sg dir)"
check "   for nobody" fails sg_turs --low "$(sg cibou)"
tell_drive 0 away off
check "it is there again" sg_inq "$(sg dir)"

step "names"
check "lsscsi shows the drive, with both nodes" keep lsscsi -g
show <<<"$KEPT"
line_of() { grep -E "$1" <<<"$KEPT"; }
check "   of a tape drive" line_of "tape +HP +Ultrium 4-SCSI +H61W +/dev/st[0-9]+ +$(sg dir) *\$"
check "   the robot has only one" line_of "mediumx +HP +MSL G3 Series +E.00 .* +$(robot dir) *\$"
check "udevd deals out names" udev_up
# In one kernel both hosts' nodes want the same by-id names, and one has each: guests.test.sh shows them host by host.
names() { keep udevadm info --query=symlink --name="$1"; }
check "the tape node has" names "$(nst dir)"
show <<<"$KEPT"
check "   by-id" line_of "tape/by-id/scsi-[0-9a-f]+-nst"
check "   by the initiator's side" line_of "tape/by-nexus/${SERIAL[drive0]}-.*-nst"
check "its generic node" names "$(sg dir)"
show <<<"$KEPT"
check "   by-id" line_of "tape/by-id/scsi-[0-9a-f]+-sg"
check "   by the initiator's side" line_of "tape/by-nexus/${SERIAL[drive0]}-.*-sg"
check "the robot" names "$(robot dir)"
check "   by-id" line_of "tape/by-id/scsi-[0-9a-f]+"
id_of() { sed -n 's|^E: ID_SERIAL=||p' < <(udevadm info "$1"); }
check "   udev has one identity of the drive for both hosts" equal "$(id_of "$(nst dir)")" "$(id_of "$(nst cibou)")"
check "   and another one of the other drive" not equal "$(id_of "$(nst dir)")" "$(id_of "$(nst dir 1)")"
