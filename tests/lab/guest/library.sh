# shellcheck shell=bash
# The hardware: two tape drives and a robot with six slots, made by tgt and reached over iSCSI inside the guest. These
# devices know nothing of persistent reservations and are used only through LIO (fabric.sh). Their generic devices:
#   RAW[drive0] RAW[drive1] RAW[robot]

UNITS=(drive0 drive1 robot)
SLOTS=6
TAPE_MB=${TAPE_MB:-64}
TAPES=/var/tapes
TGT_IQN=iqn.2026-11.lab:library
# What the drives call themselves: as in the white paper, so that its transcripts can be compared.
DRIVE_NAME='vendor_id=HP,product_id=Ultrium 4-SCSI,product_rev=H61W'
ROBOT_NAME='vendor_id=HP,product_id=MSL G3 Series,product_rev=E.00'
declare -A RAW SERIAL=([drive0]=LABDRIVE00 [drive1]=LABDRIVE01 [robot]=LABROBOT00)

tgt() { tgtadm --lld iscsi "$@"; }
tgt_unit() { tgt --mode logicalunit --op update --tid 1 --lun "$1" --params "$2"; }

# barcode SLOT
barcode() { printf 'LAB%03dL4' "$1"; }

library_up() {
    tgtd || return 1
    wait_until 10 tgt --mode target --op show >/dev/null 2>&1 || return 1
    tgt --mode target --op new --tid 1 --targetname "$TGT_IQN" && make_tapes && make_drives && make_robot &&
        tgt --mode target --op bind --tid 1 --initiator-address ALL && attach_library
}

make_tapes() {
    local slot
    mkdir -p "$TAPES"
    for ((slot = 1; slot <= SLOTS; slot++)); do
        tgtimg --op new --device-type tape --type data --size "$TAPE_MB" \
            --barcode "$(barcode "$slot")" --file "$TAPES/$(barcode "$slot")" >/dev/null || return 1
    done
    head -c 1024 /dev/zero >"$TAPES/robot"
}

make_drives() {
    local lun
    for lun in 1 2; do
        tgt --mode logicalunit --op new --tid 1 --lun "$lun" --device-type tape \
            --backing-store "$TAPES/$(barcode "$lun")" &&
            tgt_unit "$lun" "$DRIVE_NAME,scsi_sn=${SERIAL[${UNITS[lun - 1]}]}" &&
            tgt_unit "$lun" online=0 || return 1 # empty
    done
}

# Elements as a small library has them: picker 1, drives from 256, slots from 1024.
make_robot() {
    local slot
    tgt --mode logicalunit --op new --tid 1 --lun 3 --backing-store "$TAPES/robot" --device-type changer &&
        tgt_unit 3 "$ROBOT_NAME,scsi_sn=${SERIAL[robot]}" &&
        tgt_unit 3 "media_home=$TAPES" &&
        tgt_unit 3 element_type=1,start_address=1,quantity=1 &&
        tgt_unit 3 element_type=4,start_address=256,quantity=2 &&
        tgt_unit 3 element_type=4,address=256,tid=1,lun=1 &&
        tgt_unit 3 element_type=4,address=257,tid=1,lun=2 &&
        tgt_unit 3 "element_type=2,start_address=1024,quantity=$SLOTS" || return 1
    for ((slot = 1; slot <= SLOTS; slot++)); do
        tgt_unit 3 "element_type=2,address=$((1023 + slot)),barcode=$(barcode "$slot"),sides=1" || return 1
    done
}

attach_library() {
    local node=(iscsiadm -m node -T "$TGT_IQN" -p "127.0.0.1:3260,1")
    echo 'InitiatorName=iqn.2026-11.lab:backend' >/etc/iscsi/initiatorname.iscsi
    # A relay that is stopped for a test must not look like a dead connection.
    printf '%s\n' 'node.startup = manual' 'node.conn[0].timeo.noop_out_interval = 1' \
        'node.conn[0].timeo.noop_out_timeout = 120' 'node.session.timeo.replacement_timeout = 600' \
        >/etc/iscsi/iscsid.conf
    iscsid && "${node[@]}" -o new >/dev/null && "${node[@]}" --login >/dev/null && wait_until 20 raw_units
}

# shellcheck disable=SC2034 # RAW is for fabric.sh
raw_units() {
    local n
    session_target initiatorname iqn.2026-11.lab:backend || return 1
    for n in 0 1 2; do
        nodes_of "$TARGET:$((n + 1))" || return 1
        RAW[${UNITS[n]}]=/dev/$SG
    done
}

# nodes_of H:C:T:L: sets SG and NST (empty for a robot) to the names of that logical unit's device nodes
# shellcheck disable=SC2034 # NST is for fabric.sh
nodes_of() {
    local device=/sys/class/scsi_device/$1/device node
    SG='' NST=''
    for node in "$device"/scsi_generic/sg*; do [ ! -e "$node" ] || SG=${node##*/}; done
    for node in "$device"/scsi_tape/nst*; do [[ ! $node =~ /(nst[0-9]+)$ ]] || NST=${BASH_REMATCH[1]}; done
    [ -n "$SG" ]
}

# session_target ATTRIBUTE VALUE: sets TARGET to H:C:T of the iSCSI session of which sysfs says that (initiatorname, ifacename), SESSION to
# its number
# shellcheck disable=SC2034 # SESSION is for tests
session_target() {
    local session folder value
    for session in /sys/class/iscsi_session/session*; do
        read -r value 2>/dev/null <"$session/$1" || continue
        [ "$value" = "$2" ] || continue
        SESSION=${session##*session}
        for folder in "$session"/device/target*; do
            [ -e "$folder" ] || continue
            TARGET=${folder##*/target}
            return
        done
    done
    return 1
}
