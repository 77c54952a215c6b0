#!/usr/bin/env bash
# Bacula 9.6.7 and 15.0.3: in `Maximum Volume Size = 5G }` the brace does not close the resource.
#
# Sizes, times and speeds may have blanks in them ("5 min"), so the reader takes the next word too, and that is the brace. The
# next resource then stands inside this one, and the message is about that one. With "5 G }" or "5 min }" it closes: the word
# behind the number was there already. With ";" before the brace all is well.
. "$(dirname "$0")/lib.sh"

next='Device { Name = E; Media Type = LTO; Archive Device = /dev/nst1 }'
for release in bookworm trixie; do
    use_bacula "$release"
    for value in "Maximum Volume Size = 5G }" "Maximum Open Wait = 5 }"; do
        sd_conf "Device { Name = D; Media Type = LTO; Archive Device = /dev/nst0; $value
$next"
        SHOW=5 saw "bsdjson: $value" run usr/sbin/bsdjson -r Device -c "$CONF"
        expect "the brace did not close the Device" eval 'prints "trailing brace" && exits 1'
    done
    for value in "Maximum Volume Size = 5 G }" "Maximum Open Wait = 5 min }" "Maximum Volume Size = 5G; }"; do
        sd_conf "Device { Name = D; Media Type = LTO; Archive Device = /dev/nst0; $value
$next"
        SHOW=3 saw "bsdjson: $value" run usr/sbin/bsdjson -r Device -c "$CONF"
        expect "it did" eval 'prints /dev/nst1 && exits 0'
    done
done
ends
