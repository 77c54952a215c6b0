#!/bin/bash
# Two Storage Daemons and a Director that run with what shstore-lint --generate writes from the hosts' inventories: the same drive,
# one after the other, with the keys, names and paths that it chose.
# Bacula: 9.6.7 15.0.3
set -euo pipefail
# shellcheck source=tests/bacula/site.sh
. "$(dirname "${BASH_SOURCE[0]}")/site.sh"

# What each host knows of its hardware: the drives of san.json under that host's names. The library has no robot here.
inventory() { # HOST FIRST-GENERIC-NODE
    local drive serial
    printf '{ "schema": "shstore-inventory/1", "host": "%s.company.com", "devices": [\n' "$1"
    for drive in 0 1; do
        serial=HU10450A0$((drive + 1))
        [ "$drive" = 0 ] || printf ',\n'
        printf '{ "type": "tape", "vendor": "HP", "product": "Ultrium 4-SCSI", "serial": "%s", "nodes": ["%s", "%s"] }' \
            "$serial" "$(tapes_of "$1")/drive$drive" "$RUN/san/$1/sg$(($2 + drive))"
    done
    printf '\n], "changers": [ { "serial": "LIB1", "nodes": [], "drives": [ '
    printf '{ "index": 0, "serial": "HU10450A01" }, { "index": 1, "serial": "HU10450A02" } ] } ] }\n'
}

# generate: the site's files, in the place of the samples'. The one thing they do not say themselves is that the daemons of a test
# listen on the loopback only.
generate() {
    local host
    inventory cibou 0 >"$RUN/cibou.json"
    inventory dir 4 >"$RUN/dir.json"
    printf '%s.company.com %s\n' cibou "$PASSWORD" dir "$PASSWORD" >"$RUN/passwords"
    "$BUILD/bin/shstore-lint" --generate --inventory "$RUN/cibou.json" --inventory "$RUN/dir.json" --into "$RUN/generated" \
        --passwords "$RUN/passwords" --at "cibou.company.com=127.0.0.1:${PORT[cibou]}" \
        --at "dir.company.com=127.0.0.1:${PORT[dir]}" --working "$RUN/HOST/working" --plugins "$RUN/HOST/plugins" \
        --scripts "$RUN/HOST/scripts" >"$RUN/log/generate.log" || return
    for host in "${HOSTS[@]}"; do
        sed -e "s|/HOST/|/$host/|g" -e "s|^  SD Port = .*|&\n  SD Address = 127.0.0.1|" \
            "$RUN/generated/$host.company.com/bacula-sd.conf" >"$RUN/$host/bacula-sd.conf"
        KEY[$host]=0x$(sed -n 's/^key=//p' "$RUN/generated/$host.company.com/storage-ctl.conf" | sed 's/^0*//')
    done
    sed -i -e '/^Autochanger {/,/^}/d' -e '/^Storage {/,/^}/d' -e 's/Storage = Changer-1/Storage = Library-1-Drive-0-cibou/' \
        -e 's/Storage = Changer-2/Storage = Library-1-Drive-0-dir/' "$RUN/director/bacula-dir.conf"
    echo "@$RUN/generated/bacula-dir-storages.conf" >>"$RUN/director/bacula-dir.conf"
}
CHANGER=([cibou]=Library-1-Drive-0-cibou [dir]=Library-1-Drive-0-dir)
# Of the samples' it is told by the drive's changer, which a drive's Storage is named after there.
last_host() {
    local name
    name=$(catalog "select Storage.Name from Media join Storage using (StorageId) where VolumeName='$1'")
    echo "${name##*-}"
}
prepare
configure
check "the site's files are written" generate
check "the hosts have keys of their own" not equal "${KEY[cibou]}" "${KEY[dir]}"
lint() {
    "$BUILD/bin/shstore-lint" --dir "$RUN/director/bacula-dir.conf" --not-here \
        --sd "cibou.company.com=$RUN/cibou/bacula-sd.conf:$RUN/generated/cibou.company.com/storage-ctl.conf" \
        --sd "dir.company.com=$RUN/dir/bacula-sd.conf:$RUN/generated/dir.company.com/storage-ctl.conf" \
        --inventory "$RUN/cibou.json" --inventory "$RUN/dir.json"
}
keep lint
show <<<"$KEPT"
check "the linter has no error to tell of them" not has 'error['
# start_daemons installs the samples' storage-ctl.conf with the plugin: before a daemon reads it, it is the generated one.
eval "samples_$(declare -f install_plugin)"
install_plugin() {
    samples_install_plugin "$1"
    install -m 0640 "$RUN/generated/$1.company.com/storage-ctl.conf" "$RUN/$1/scripts/storage-ctl.conf"
}
start_daemons
data
label_first() {
    keep bc "label volume=TAPE-1 pool=Tapes storage=Library-1-Drive-0-dir drive=0 slot=0"
    has "3000 OK label." && wait_until 20 free_drive 0
}
check "volume TAPE-1 is labeled" label_first
FIRST=$(start_job backup-dir)
check "job $FIRST writes through dir-sd" wait_until 30 writing dir "$FIRST"
check "dir has the lock, under its generated key" held_by 0 "${KEY[dir]}"
SECOND=$(start_job backup-cibou)
check "job $SECOND waits for dir" wait_until 20 waits_for cibou \
    "3612 JobId=$SECOND waiting because device \"Library-1-Drive-0\" ($RUN/tapes/drive0) is reserved by: ${KEY[dir]}."
check "the first one ends" jobs_end 60 "$FIRST"
check "it is good" job_clean "$FIRST"
check "now the other host writes" wait_until "$NEXT_TRY" writing cibou "$SECOND"
check "cibou has the lock, under its generated key" held_by 0 "${KEY[cibou]}"
check "it ends" jobs_end 60 "$SECOND"
check "it is good" job_clean "$SECOND"
check "nothing stays behind" wait_until 10 free_drive 0
# The library has no robot here, so no restore may be given the drive that has no tape. The catalog counts the Volume as the
# Autochanger's, and bacula-sd takes that one of its drives which was used least (stored/reserve.c, try_low_use_drive).
take_out() { # HOST
    keep bc "disable storage=Library-1-Drive-1-$1 drive=1"
    has "disabled."
}
for host in "${HOSTS[@]}"; do check "drive 1, which has no tape, is taken out on $host" take_out "$host"; done
check "the first backup comes back byte for byte" restorable "$FIRST" dir 60
check "and the other host's" restorable "$SECOND" cibou 60
