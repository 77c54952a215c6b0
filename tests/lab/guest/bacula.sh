# shellcheck shell=bash disable=SC2034
# The site of the samples on the lab's SAN: stock Director, File Daemon and the two Storage Daemons, with real tape
# drives (st) and the robot (mtx-changer). After lab.sh; most words are those of samples/lib/{site,jobs}.sh.
#   bacula_up [without]    starts all; "without": the Storage Daemons do not have the plugin
#   tape SLOT VOLUME HOST [POOL]  labels the tape in a slot;  both_drives: any job may use either drive

SAMPLES=$IN/samples
BACULA=/opt/bacula      # as site.sh wants it; Bacula itself is unpacked over the guest's own root
BACULA_VERSION=$LAB_BACULA
bacula_root() { printf '%s\n' "$BACULA"; }
mkdir -p "$BACULA"
ln -sfn /usr "$BACULA/usr"
ln -sfn /etc "$BACULA/etc"
printf '#!/bin/bash\nexec env LD_LIBRARY_PATH=/usr/lib/bacula /usr/sbin/"$@"\n' >"$BACULA/run"
chmod +x "$BACULA/run"
RUN=/var/site
exec {RUN_LOCK}>/run/site.lock # launch() closes it
# shellcheck source=samples/lib/site.sh
. "$SAMPLES/lib/site.sh"
VERSION=([cibou]=$LAB_BACULA [dir]=$LAB_BACULA)
# shellcheck source=samples/lib/jobs.sh
. "$SAMPLES/lib/jobs.sh"
CHECK_LOGS=("$RUN/log/jobs.log" "$RUN/log/cibou-sd.log" "$RUN/log/dir-sd.log")

control_device() { printf '/dev/%s/sg%s\n' "$1" "$2"; }

# What differs from the samples: drives that are real, and a robot.
on_real_tapes() { # HOST
    sed -i -E -e 's|^( *Device Type *= *)Vtape.*|\1Tape|' \
        -e "s|^( *Archive Device *= *).*/drive([01])\$|\1/dev/$1/nst\2|" \
        -e "s|^( *Control Device *= *).*/sg[04]\$|\1/dev/$1/sg0|" -e "s|^( *Control Device *= *).*/sg[15]\$|\1/dev/$1/sg1|" \
        -e "s|^( *Changer Device *= *)/dev/null.*|\1/dev/$1/robot|" \
        -e 's|^( *Changer Command *= *)"".*|\1"/etc/bacula/scripts/mtx-changer %c %o %S %a %d"|' \
        -e 's|^( *Maximum Changer Wait *= *).*|\1120 seconds|' "$RUN/$1/bacula-sd.conf"
}
both_drives() {
    local host
    for host in "${HOSTS[@]}"; do sed -i -E 's|^( *Auto Select *= *)no|\1yes|' "$RUN/$host/bacula-sd.conf"; done
}

# configure_lab: everything but the plugin
configure_lab() {
    local host
    mkdir -p "$RUN"/{log,pids,tapes,data,restore,client} "$RUN"/{cibou,dir}/{plugins,scripts,working}
    BUILD=/lab/none configure
    for host in "${HOSTS[@]}"; do on_real_tapes "$host"; done
}
install_plugin() { # HOST
    install -m 0755 "$IN/shstore-sd.so" "$RUN/$1/plugins/shstore-sd.so"
    install -m 0755 /usr/local/bin/storage-ctl "$RUN/$1/scripts/storage-ctl"
    install -m 0640 "$IN/$1.conf" "$RUN/$1/scripts/storage-ctl.conf"
}
shstore_status() { timeout 60 shstore-status --sd "$RUN/$1/bacula-sd.conf"; }

start_daemons() {
    local host
    for host in "${HOSTS[@]}"; do start_sd "$host"; done
    start_client
    start_director
    say "Bacula is up after $(cut -d' ' -f1 /proc/uptime) s"
}
bacula_up() {
    local host
    configure_lab
    [ "${1:-}" = without ] || for host in "${HOSTS[@]}"; do install_plugin "$host"; done
    start_daemons
}

# guarded: shstore-changer instead of mtx-changer, on every host
guarded() {
    local host
    for host in "${HOSTS[@]}"; do
        sed -i -E "s|^( *Changer Command *= *).*|\1\"/usr/local/bin/shstore-changer %c %o %S %a %d --sd $RUN/$host/bacula-sd.conf\"|" \
            "$RUN/$host/bacula-sd.conf"
    done
}
# add_third_host: one more of dir's kind on the same SAN, with a Storage Daemon of its own; before install_plugin
add_third_host() {
    local as_third=(sed -e 's|/dir/|/third/|g; s|dir-sd|third-sd|; s|LT09_2_|LT09_3_|g; s|Changer-2|Changer-3|g' -e)
    host_up third || return 1
    sed 's/^key=.*/key=bac333/' "$IN/dir.conf" >"$IN/third.conf"
    HOSTS+=(third)
    KEY[third]=0xbac333 VERSION[third]=$BACULA_VERSION CHANGER[third]=Changer-3
    PORT[third]=$((PORT[dir] + 1))
    mkdir -p "$RUN"/third/{plugins,scripts,working}
    "${as_third[@]}" "s|${PORT[dir]}|${PORT[third]}|" "$RUN/dir/bacula-sd.conf" >"$RUN/third/bacula-sd.conf"
    sed -n '/^Autochanger {/,/^}/p' "$RUN/director/bacula-dir.conf" | sed -n '/Changer-2/,/^}/p' | sed '1i Autochanger {' |
        "${as_third[@]}" "s|${PORT[dir]}|${PORT[third]}|" >/tmp/third.conf
    cat /tmp/third.conf >>"$RUN/director/bacula-dir.conf"
}
# one_at_a_time: each host runs one job at a time
one_at_a_time() {
    sed -i -E '/^Autochanger \{/,/^\}/ s|^( *Maximum Concurrent Jobs *=).*|\1 1|' "$RUN/director/bacula-dir.conf"
}

# tape SLOT VOLUME HOST [POOL]: the robot loads it, Bacula labels it
tape() {
    keep bc "label volume=$2 pool=${4:-Tapes} storage=${CHANGER[$3]} drive=0 slot=$1" && has "3000 OK label."
}

# lost ID NAME: that backup does not come back;  job by job, because a failed restore may leave a drive waiting
lost() { not restorable "$1" "$2" 60; }

# pools_of_their_own: each host has a pool of its own, named after it, so that no tape is wanted by both
pools_of_their_own() {
    local host
    for host in "${HOSTS[@]}"; do
        printf 'Pool {\n  Name = %s\n  Pool Type = Backup\n  Recycle = no\n  Auto Prune = no\n}\n' "$host" \
            >>"$RUN/director/bacula-dir.conf"
    done
}
