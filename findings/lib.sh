# shellcheck shell=bash
# What every finding needs: source this first.
#
# A finding is a surprise about somebody else's software. NAME.sh unpacks pinned packages of Debian's archive into a temporary
# folder (nothing is installed), runs them on valid input without shstore, prints what it saw, and exits 0 only while the
# software still behaves so. 1: it behaves differently now. 2: it could not be tried.
#
# WORK     the temporary folder, removed at the end      ROOT   where packages are unpacked

set -u
export LC_ALL=C
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
MIRROR=http://deb.debian.org/debian
KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

cannot() { echo "cannot be tried: $1" >&2; exit 2; }

# use_release NAME: an apt of its own that knows one release of Debian and believes only what Debian signed
use_release() {
    local apt=$WORK/apt-$1
    ROOT=$WORK/$1
    APT=(-o "Dir::Etc::sourcelist=$apt/sources.list" -o Dir::Etc::sourceparts=/dev/null -o Dir::Etc::preferences=/dev/null
        -o Dir::Etc::preferencesparts=/dev/null -o "Dir::State=$apt" -o "Dir::State::status=$apt/status" -o "Dir::Cache=$apt"
        -o APT::Default-Release= -o APT::Sandbox::User=root -o Acquire::Languages=none -o Acquire::Retries=3)
    mkdir -p "$ROOT/debs"
    [ ! -e "$apt/status" ] || return 0
    [ -r "$KEYRING" ] || cannot "$KEYRING is missing (package debian-archive-keyring)"
    mkdir -p "$apt"/{lists,archives}/partial
    echo "deb [arch=amd64 signed-by=$KEYRING] $MIRROR $1 main" >"$apt/sources.list"
    : >"$apt/status"
    timeout 300 apt-get -qq "${APT[@]}" -o APT::Update::Error-Mode=any update >"$WORK/log" 2>&1 || cannot "no package lists of $1: $(tail -n 1 "$WORK/log")"
}

# unpack PACKAGE=VERSION...: into $ROOT
unpack() {
    local deb
    (cd "$ROOT/debs" && timeout 600 apt-get -qq "${APT[@]}" download "$@") >"$WORK/log" 2>&1 || cannot "$* is not in the archive any more: $(tail -n 1 "$WORK/log")"
    for deb in "$ROOT"/debs/*.deb; do dpkg -x "$deb" "$ROOT" || cannot "$deb cannot be unpacked"; done
    rm -f "$ROOT"/debs/*.deb
}

# Programs of a newer Debian bring its C library and program loader with them (not what is looked at, so not pinned).
TRIXIE_BASE=(libc6 libgcc-s1 libstdc++6)

# run PROGRAM [ARGUMENT...]: a program of $ROOT (a path in it), with the libraries there; at most a minute
run() { run_with_input "$@" </dev/null; }
run_with_input() {
    local program=$ROOT/$1 libraries=$ROOT/usr/lib/x86_64-linux-gnu
    shift
    if [ -e "$libraries/ld-linux-x86-64.so.2" ]; then
        timeout 60 "$libraries/ld-linux-x86-64.so.2" --library-path "$libraries:$libraries/systemd:$ROOT/usr/lib/bacula" "$program" "$@"
    else
        LD_LIBRARY_PATH=$libraries:$libraries/systemd:$ROOT/usr/lib/bacula timeout 60 "$program" "$@"
    fi
}

# saw TITLE COMMAND...: runs it, prints its output and exit status; both are in OUTPUT and STATUS afterwards
saw() {
    echo "-- $1"
    shift
    STATUS=0
    OUTPUT=$("$@" 2>&1) || STATUS=$?
    OUTPUT=${OUTPUT//"$WORK"/WORK}
    printf '%s\n' "$OUTPUT" | head -n "${SHOW:-12}" | sed 's/^/   | /'
    echo "   exit status $STATUS"
}

# expect WHAT TEST...: the behaviour that makes this a finding
expect() {
    local what=$1
    shift
    if "$@"; then echo "   as found: $what"; else echo "NOT AS FOUND ANY MORE: $what"; CHANGED=1; fi
}
CHANGED=0
prints() { [[ $OUTPUT == *"$1"* ]]; }
silent() { [ -z "$OUTPUT" ]; }
exits() { [ "$STATUS" = "$1" ]; }
not() { ! "$@"; }
ends() { exit "$CHANGED"; }

# use_bacula RELEASE: Bacula 9.6.7-7 of bookworm or 15.0.3-3 of trixie; their libraries come from the machine or the release
use_bacula() {
    use_release "$1"
    case $1 in
    bookworm) unpack {bacula-sd,bacula-common,bacula-bscan,bacula-director,bacula-director-sqlite3,bacula-common-sqlite3}=9.6.7-7 \
        liblzo2-2 libwrap0 libreadline8 libtinfo6 libssl3 libacl1 libcap2 libsqlite3-0 ;;
    trixie) unpack {bacula-sd,bacula-common,bacula-bscan,bacula-director,bacula-director-sqlite3,bacula-common-sqlite3}=15.0.3-3 \
        "${TRIXIE_BASE[@]}" libssl3t64 zlib1g libzstd1 liblzo2-2 libreadline8t64 libtinfo6 libacl1 libcap2 libwrap0 libsqlite3-0 ;;
    esac
    VERSION=$(run usr/sbin/bacula-sd '-?' 2>&1 | sed -n 's/^Version: //p')
    echo "== bacula $VERSION"
}

# sd_conf DEVICE-TEXT: a storage daemon's configuration with that text in it; its path is in CONF
sd_conf() {
    CONF=$WORK/bacula-sd.conf
    mkdir -p "$WORK/plugins"
    cat >"$CONF" <<EOC
Storage { Name = s; Working Directory = $WORK; Pid Directory = $WORK; Plugin Directory = $WORK/plugins }
Director { Name = d; Password = x }
Messages { Name = Standard; director = d = all }
$1
EOC
}

# btape DEVICE COMMAND...: the commands to Bacula's btape with $CONF
btape() {
    local device=$1
    shift
    printf '%s\n' "$@" quit | run_with_input usr/sbin/btape -c "$CONF" "$device"
}

# tgt_up: a tgtd 1.0.85 of bookworm in user space on loopback, with a disk (LUN 1) and a tape (LUN 2); then iscsi-pr of libiscsi 1.20.0
# (trixie) in ROOT. URL is the target's, without the LUN.
tgt_up() {
    local port lun
    use_release bookworm
    unpack tgt=1:1.0.85-1+deb12u1 libibverbs1 librdmacm1 libaio1 libnl-3-200 libnl-route-3-200
    export TGT_IPC_SOCKET=$WORK/tgt
    cd "$WORK" || cannot "no $WORK"
    port=$((20000 + $$ % 20000))
    truncate -s 8M "$WORK/disk"
    run usr/sbin/tgtimg --op new --device-type tape --barcode A00001L5 --size 8 --type data --file "$WORK/cartridge" >"$WORK/log" 2>&1 || cannot "no tape was made"
    LD_LIBRARY_PATH=$ROOT/usr/lib/x86_64-linux-gnu setpriv --pdeathsig KILL "$ROOT/usr/sbin/tgtd" -f --iscsi "portal=127.0.0.1:$port" >"$WORK/tgtd.log" 2>&1 &
    disown
    trap 'kill -KILL '$!' 2>/dev/null; rm -rf "$WORK"' EXIT   # it ignores SIGTERM
    tgtadm() { run usr/sbin/tgtadm --lld iscsi "$@" >"$WORK/log" 2>&1; }
    for _ in $(seq 50); do tgtadm --mode system --op show && break; sleep 0.2; done
    tgtadm --mode target --op new --tid 1 --targetname iqn.2026-11.test:library || cannot "tgtd does not run: $(tail -n 1 "$WORK/log")"
    tgtadm --mode logicalunit --op new --tid 1 --lun 1 -b "$WORK/disk"
    tgtadm --mode logicalunit --op new --tid 1 --lun 2 --bstype=ssc --device-type=tape -b "$WORK/cartridge" || cannot "no tape LUN"
    tgtadm --mode target --op bind --tid 1 -I ALL
    URL=iscsi://127.0.0.1:$port/iqn.2026-11.test:library
    use_release trixie
    unpack libiscsi-bin=1.20.0-4 libiscsi7=1.20.0-4 libibverbs1 librdmacm1t64 libcunit1 libnl-3-200 libnl-route-3-200 libgcrypt20 libgpg-error0 "${TRIXIE_BASE[@]}"
}
# pr HOST OPTION... LUN: iscsi-pr as the initiator of that host
pr() { run usr/bin/iscsi-pr -i "iqn.2026-11.test:$1" "${@:2:$#-2}" "$URL/${*: -1}"; }
