#!/usr/bin/env bash
# Bacula 9.6.7 and 15.0.3: a Device that an Autochanger lists is in the changer, even if it says `Autochanger = no`.
#
# And of two `Drive Index` in one Device the last one counts, without a word.
. "$(dirname "$0")/lib.sh"

for release in bookworm trixie; do
    use_bacula "$release"
    sd_conf 'Autochanger { Name = L; Device = D; Changer Device = /dev/sg9; Changer Command = "/bin/true" }
Device { Name = D; Media Type = LTO; Archive Device = /dev/nst0; Autochanger = no; Drive Index = 0; Drive Index = 7
}'
    saw "bsdjson -r Device" run usr/sbin/bsdjson -r Device -c "$CONF"
    expect "Autochanger is true, Drive Index is 7" eval 'prints "\"Autochanger\": true" && prints "\"DriveIndex\": 7" && exits 0'
    saw "bacula-sd -t" run usr/sbin/bacula-sd -t -c "$CONF"
    expect "nothing is said of it" eval 'silent && exits 0'
done
ends
