# shellcheck shell=bash
# For every guest test: the SAN with hosts cibou and dir, and short words for what the tests do.
#   sg HOST DRIVE     the drive's generic device as HOST sees it; nst HOST DRIVE its tape device; robot HOST
#   ctl HOST ...      storage-ctl on drive 0 with HOST's key (CIBOU_KEY, DIR_KEY), e.g. ctl dir lock
#   host_up third     one more nexus, without a key: sg third 0
# Never `wait` without a process id: the relays are children of the test.

IN=/lab/in OUT=/lab/out
# shellcheck source=samples/lib/check.sh
. "$IN/check.sh"
# shellcheck source=tests/lab/guest/library.sh
. "$IN/library.sh"
# shellcheck source=tests/lab/guest/fabric.sh
. "$IN/fabric.sh"

# shellcheck disable=SC2034
CIBOU_KEY=0xbac001 DIR_KEY=0xbac999

sg() { readlink -f "/dev/$1/sg${2:-0}"; }
nst() { readlink -f "/dev/$1/nst${2:-0}"; }
robot() { readlink -f "/dev/$1/robot"; }
ctl() {
    local host=$1
    shift
    storage-ctl "/dev/$host/sg0" --config "/etc/$host.conf" "$@"
}

# load SLOT: the robot loads drive 0, for dir
load() { mtx -f "$(robot dir)" load "$1" 0; }
# write_tape HOST FILE, read_tape HOST FILE: from where the tape is, in blocks as Bacula's
write_tape() { dd if="$2" of="$(nst "$1")" bs=64512; }
read_tape() { dd if="$(nst "$1")" of="$2" bs=64512; }
rewind() { mt -f "$(nst "$1")" rewind; }
# eio COMMAND...: the kernel refuses it
eio() { fails keep "$@" && has "Input/output error"; }

# exits STATUS COMMAND...: it must end with that exit status; its output is kept for `has`
exits() {
    local want=$1 status=0
    shift
    keep "$@" || status=$?
    [ "$status" = "$want" ] && return
    printf 'exit status %s instead of %s: %s\n' "$status" "$want" "$*"
    return 1
}
# says TEXT COMMAND...: it succeeds and prints exactly this, which may be nothing
says() {
    local want=$1
    shift
    exits 0 "$@" && [ "$KEPT" = "$want" ]
}
# ended STATUS PROCESS: that child has ended, or ends now, with that status (128 and a signal's number: by that signal)
ended() {
    local status=0
    wait "$2" || status=$?
    equal "$status" "$1"
}
# skip REASON: the test cannot be run here
skip() {
    printf '%s\n' "$*" >"$OUT/skipped"
    exit 77
}

lab_up() {
    local module
    modprobe -q crc32c_generic || true # 7.3 needs none
    for module in configfs sg st iscsi_tcp target_core_user tcm_loop; do
        modprobe "$module" || return 1
    done
    cp "$IN"/*.conf /etc
    mount -t configfs configfs /sys/kernel/config && library_up && fabric_up || return 1
    [ -z "${LAB_GUEST:-}" ] || return 0 # hosts are guests of their own (hosts.sh)
    host_up dir && host_up cibou
}

lab_up || { dmesg | tail -n 30; die "the lab did not come up"; }
say "the lab is up after $(cut -d' ' -f1 /proc/uptime) s"
