# shellcheck shell=bash
# After lab.sh, in the first machine of a test that has several (its head: "# guests: san dir cibou"): here is the SAN, each other one is
# a host with a kernel of its own, which runs host.sh. Two lines lead to each, with a portal of the target at this end.
#   on HOST COMMAND...    runs it there, in the shell that has host.sh's words; its output and status come back

RPC=$OUT/rpc
on() {
    local rpc=$RPC/$1 status
    shift
    printf '%q ' "$@" >"$rpc.request.new" && mv "$rpc.request.new" "$rpc.request"
    until [ -e "$rpc.status" ]; do sleep 0.1; done
    status=$(<"$rpc.status")
    cat "$rpc.answer"
    rm "$rpc.status"
    return "$status"
}
host_is_up() { [ -e "$RPC/$1.up" ]; }

# hosts_up HOST...: portals for their lines, access for their names; then they begin
hosts_up() {
    local address host
    for address in $(ip -4 -o address show | awk '$2 ~ /^eth/ { sub("/.*", "", $4); print $4 }'); do
        mkdir "$TPG/np/$address:${SAN_PORT##*:}" || return 1
    done
    for host in "$@"; do iscsi_access "$host" || return 1; done
    mkdir -p "$RPC"
    : >"$RPC/san.up"
    for host in "$@"; do wait_until 120 host_is_up "$host" || return 1; done
}
