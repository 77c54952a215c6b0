#!/usr/bin/env bash
# `Accurate = yes` in a FileSet's Options is accepted by Bacula 9.6.7 and refused by 15.0.3.
#
# The directive takes letters (what is compared: "mcs"). 9.6.7 keeps any word, so "yes" did nothing and did no harm; 15.0.3 looks
# at each letter, and a Director that was upgraded does not start.
. "$(dirname "$0")/lib.sh"

for release in bookworm trixie; do
    use_bacula "$release"
    cat >"$WORK/bacula-dir.conf" <<EOC
Director { Name = d; Query File = $WORK/query; Working Directory = $WORK; Pid Directory = $WORK; Password = x; Messages = Standard }
Messages { Name = Standard; director = d = all }
Catalog { Name = c; dbname = b; user = u; password = p }
Client { Name = f; Address = localhost; Catalog = c; Password = x }
Storage { Name = st; Address = localhost; Password = x; Device = D; Media Type = LTO }
Pool { Name = P; Pool Type = Backup }
FileSet { Name = F; Include { Options { signature = MD5; Accurate = yes; }
 File = /etc
} }
Job { Name = J; Type = Backup; Level = Full; Client = f; FileSet = F; Storage = st; Pool = P; Messages = Standard }
EOC
    SHOW=20 saw "bdirjson -r FileSet" run usr/sbin/bdirjson -c "$WORK/bacula-dir.conf" -r FileSet
    case $release in
    bookworm) expect "9.6.7 takes it" eval 'prints "\"Accurate\": \"yes\"" && exits 0' ;;
    trixie) expect "15.0.3 refuses it" eval 'prints "Got unknown option" && exits 1' ;;
    esac
done
ends
