#!/usr/bin/env bash
# Bacula 9.6.7 and 15.0.3 drop what stands behind a value on the same line, without a word.
#
# Only ";" or the end of the line ends a directive. `Alert Command = "..." Lock Command = "..."` on one line is read as an Alert
# Command alone: the drive has no Lock Command. A second `File =` behind the first is not backed up. The exit status is 0.
. "$(dirname "$0")/lib.sh"

for release in bookworm trixie; do
    use_bacula "$release"
    sd_conf 'Device { Name = D; Media Type = LTO; Archive Device = /dev/nst0; Control Device = /dev/sg0
  Alert Command = "/bin/alert %l" Lock Command = "/bin/lock %l %o"
  Drive Index = 1 Autochanger = yes
}'
    saw "bsdjson -r Device: Alert Command and Lock Command on one line, Drive Index and Autochanger on the next" \
        run usr/sbin/bsdjson -r Device -c "$CONF"
    expect "the Lock Command is not there" eval 'prints AlertCommand && not prints LockCommand && exits 0'
    expect "Autochanger = yes is not there" eval 'prints "\"DriveIndex\": 1" && not prints \"Autochanger\"'
    saw "bacula-sd -t" run usr/sbin/bacula-sd -t -c "$CONF"
    expect "nothing is said of it" eval 'silent && exits 0'
done
ends
