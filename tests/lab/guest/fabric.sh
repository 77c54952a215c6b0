# shellcheck shell=bash
# The SAN: the kernel's target (LIO) in front of the library, and the hosts, each an initiator of its own. LIO keeps the
# persistent reservations and refuses what they forbid; what it lets through goes to one relay per unit.
#   LAB_FABRIC=loop    tcm_loop with Fibre Channel names: a target port for each host. PREEMPT AND ABORT hangs the
#                      kernel there (6.1: core_tmr_lun_reset waits for the work item that it runs in).
#   LAB_FABRIC=iscsi   LIO's iSCSI target: one target port, an initiator name for each host
# Devices of a host: /dev/HOST/{sg0,nst0,sg1,nst1,robot}

LIO=/sys/kernel/config/target
SAN_IQN=iqn.2026-11.lab:san
SAN_PORT=127.0.0.1:3261
TPG=$LIO/iscsi/$SAN_IQN/tpgt_1
# The initiators of the white paper; "third" stands for one more host.
declare -A INITIATOR=([cibou]=21:01:00:1b:32:21:73:ee [dir]=21:00:00:1b:32:1f:43:65 [third]=21:02:00:1b:32:00:00:03)
declare -A TARGET_PORT=([cibou]=fc.50:01:40:50:00:00:00:01 [dir]=fc.50:01:40:50:00:00:00:02
    [third]=fc.50:01:40:50:00:00:00:03)
declare -A RELAY # unit -> process
POWERED=()      # hosts that power_on lets in again

# fabric_up: all but the hosts
fabric_up() {
    local unit n=0
    for unit in "${UNITS[@]}"; do
        backstore_up "$n" "$unit" || return 1
        n=$((n + 1))
    done
    if [ "$LAB_FABRIC" = iscsi ]; then iscsi_target_up; else mkdir -p "$LIO/loopback"; fi
}

# backstore_up NUMBER UNIT
backstore_up() {
    local folder=$LIO/core/user_$1/$2
    mkdir -p "$folder"
    # The size is a formality: a tape has none.
    echo "dev_config=relay/$2,dev_size=1048576,hw_block_size=512" >"$folder/control"
    echo 1 >"$folder/enable" || return 1
    echo "${SERIAL[$2]}" >"$folder/wwn/vpd_unit_serial"
    echo 0 >"$folder/attrib/cmd_time_out" # or TCMU gives up on slow commands after 30 s
    echo 1 >"$folder/attrib/tmr_notification" # the relay is told of resets
    wait_until 5 test -e "/dev/uio$1" || return 1
    RELAY_TRACE=${MIDWRITE_TRACE:-} setsid relay "$2" "${RAW[$2]}" "$TAPES" >>"/lab/out/relay-$2" 2>&1 </dev/null &
    RELAY[$2]=$!
}

# hold_commands UNIT, pass_commands UNIT: commands for the medium stay in flight until they are let pass
hold_commands() { kill -STOP "${RELAY[$1]}"; }
pass_commands() { kill -CONT "${RELAY[$1]}"; }
# tell_drive DRIVE ORDER...: what that drive does from now on (relay/drive.cpp has the orders), e.g. tell_drive 0 calibration 5
tell_drive() { relay tell "drive$1" "${@:2}"; }
# hold_next_move: the robot's next move stays in flight, which move_held tells, until pass_move
hold_next_move() { : >/run/hold-next-move; }
move_held() { [ -e /run/move-held ]; }
pass_move() { rm /run/move-held; }

iscsi_target_up() {
    local n
    modprobe iscsi_target_mod && mkdir -p "$TPG" || return 1
    echo 0 >"$TPG/attrib/authentication"
    mkdir "$TPG/np/$SAN_PORT" || return 1
    for n in 0 1 2; do export_unit "$TPG/lun/lun_$n" "$n" || return 1; done
    echo 1 >"$TPG/enable"
}
# export_unit LUN-FOLDER NUMBER
export_unit() { mkdir "$1" && ln -s "$LIO/core/user_$2/${UNITS[$2]}" "$1/unit"; }

# host_up HOST: connects one more initiator to the SAN
host_up() {
    "${LAB_FABRIC}_host" "$1" && wait_until 20 link_devices "$1" && settle "$1"
}

loop_host() {
    local tpg=$LIO/loopback/${TARGET_PORT[$1]}/tpgt_1 n
    mkdir -p "$tpg" && echo "fc.${INITIATOR[$1]}" >"$tpg/nexus" || return 1
    for n in 0 1 2; do export_unit "$tpg/lun/lun_$n" "$n" || return 1; done
}

# iscsi_access HOST: what the target lets that initiator see
iscsi_access() {
    local acl=$TPG/acls/iqn.2026-11.lab:$1 n
    mkdir "$acl" || return 1
    for n in 0 1 2; do
        mkdir "$acl/lun_$n" && ln -s "$TPG/lun/lun_$n" "$acl/lun_$n/unit" || return 1
    done
}

# power_off: drives and robot are gone, and what LIO knew of reservations (iscsi only); power_on: they are back, as new,
# and the hosts' sessions with them
power_off() {
    local acl n
    echo 0 >"$TPG/enable"
    for acl in "$TPG"/acls/*; do
        for n in 0 1 2; do rm "$acl/lun_$n/unit" && rmdir "$acl/lun_$n" || return 1; done
        POWERED+=("${acl##*:}")
        rmdir "$acl" || return 1
    done
    for n in 0 1 2; do
        rm "$TPG/lun/lun_$n/unit" && rmdir "$TPG/lun/lun_$n" || return 1
        kill "${RELAY[${UNITS[n]}]}"
        wait "${RELAY[${UNITS[n]}]}" || true
        rmdir "$LIO/core/user_$n/${UNITS[n]}" || return 1
    done
}
power_on() {
    local host n
    for n in 0 1 2; do backstore_up "$n" "${UNITS[n]}" || return 1; done
    for n in 0 1 2; do export_unit "$TPG/lun/lun_$n" "$n" || return 1; done
    for host in "${POWERED[@]}"; do iscsi_access "$host" || return 1; done
    echo 1 >"$TPG/enable"
    POWERED=()
}
answers() { timeout 20 sg_inq "$(sg "$1")" >/dev/null; }

iscsi_host() {
    local name=iqn.2026-11.lab:$1 node=(iscsiadm -m node -T "$SAN_IQN" -p "$SAN_PORT,1" -I "$1")
    iscsi_access "$1" || return 1
    { iscsiadm -m iface -I "$1" -o new && iscsiadm -m iface -I "$1" -o update -n iface.initiatorname -v "$name" &&
        "${node[@]}" -o new && "${node[@]}" --login; } >/dev/null
}

link_devices() {
    local n
    if [ "$LAB_FABRIC" = iscsi ]; then
        session_target initiatorname "iqn.2026-11.lab:$1" || return 1
    else
        read -r TARGET <"$LIO/loopback/${TARGET_PORT[$1]}/tpgt_1/address"
    fi
    mkdir -p "/dev/$1"
    for n in 0 1; do
        nodes_of "$TARGET:$n" && [ -n "$NST" ] || return 1
        ln -sf "../$SG" "/dev/$1/sg$n"
        ln -sf "../$NST" "/dev/$1/nst$n"
    done
    nodes_of "$TARGET:2" && ln -sf "../$SG" "/dev/$1/robot"
}

# settle HOST: eats the unit attentions of a new nexus: LIO's 3F/0E and tgt's 29/00. (--low, because sg_turs 1.48 of Debian 13
# sends nothing without it, and ends with 0.)
settle() {
    local node
    for node in sg0 sg1 robot; do sg_turs --low --num=3 "/dev/$1/$node" >/dev/null 2>&1; done
    return 0
}
