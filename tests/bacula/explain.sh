# shellcheck shell=bash
# What bacula-sd did with a job, and what shstore-status --explain-job says of it, in the same words.

# truth ID FILE: its waiting lines, or "drive NAME", or "drive none"
truth() {
    grep -q '^Running Jobs:' "$2" || cannot_tell || return   # a file without a status shows no drive either
    sed -n '/^Jobs waiting to reserve a drive:/,/^====/s/^   //p' "$2" | grep -F " JobId=$1 " && return
    sed -n "/^\(Writing\|Reading\): .* JobId=$1 /{ n; s/^ *pool=.* device=\"\([^\"]*\)\".*/drive \1/p }" "$2" | grep . || echo 'drive none'
}
# explain HOST ID FILE [OPTION...]: what shstore-status makes of that status
explain() {
    timeout --foreground 20 "$BUILD/bin/shstore-status" --sd "$RUN/$1/bacula-sd.conf" --explain-job "$2" --bacula-status "$3" "${@:4}"
}
# expected HOST ID FILE [OPTION...]: the drive or the lines that our rules give
expected() {
    local answer chosen
    answer=$(explain "$@" --json) || return
    chosen=$(sed -n 's/^  "chosen": "\(.*\)",$/\1/p' <<<"$answer")
    if [ -n "$chosen" ]; then
        echo "drive $chosen"
    elif grep -q '^  "expected": \[\],$' <<<"$answer"; then
        echo "drive none"
    else
        sed -n '/^  "expected": \[$/,/^  \],$/s/^    "\(.*\)",\{0,1\}$/\1/p' <<<"$answer" | sed 's/\\"/"/g'
    fi
}
# agree WHAT-WE-SAY WHAT-CAME: the same, word for word
agree() {
    KEPT=$(printf 'shstore-status expects:\n%s\nbacula-sd did:\n%s\n' "$1" "$2")
    [ -n "$1" ] && equal "$1" "$2"
}
