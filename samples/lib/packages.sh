# shellcheck shell=bash disable=SC2034
# What has to be on the machine: build packages and run-time libraries are installed with apt when they are missing.

BUILD_PACKAGES=(build-essential cmake ninja-build libboost-dev libspdlog-dev nlohmann-json3-dev
    libexpected-dev libcli11-dev libfmt-dev libdtl-dev libutfcpp-dev)
TEST_PACKAGES=(libgtest-dev libgmock-dev librapidcheck-dev libsgutils2-dev sg3-utils python3 python3-jsonschema libxml2-utils)
# What Bacula's programs need. Debian 13 has some libraries under a new name (the time_t of other processors became longer).
RUNTIME_PACKAGES=(libwrap0 liblzo2-2 libreadline8 libsqlite3-0 libacl1 libcap2 libssl3 sqlite3)

# os_release NAME: a value of /etc/os-release
os_release() {
    # shellcheck source=/dev/null
    (. /etc/os-release && printf '%s\n' "${!1-}") 2>/dev/null || true
}
# need_debian: says at once what this library relies on, and knows the names of packages
need_debian() {
    case $(os_release ID):$(os_release VERSION_CODENAME) in
    debian:bookworm) TEST_PACKAGES+=(clang-format-14) ;; # of which other releases have another version, and other opinions
    debian:trixie) RUNTIME_PACKAGES=(libwrap0 liblzo2-2 libreadline8t64 libsqlite3-0 libacl1 libcap2 libssl3t64 sqlite3) ;;
    *) die "this runs on Debian 12 and 13 only, because it takes packages and Bacula itself from Debian's archive, and this is
        \"$(os_release PRETTY_NAME)\". How to build the plugin and the programs elsewhere is in docs/building.md" ;;
    esac
    [ "$(uname -m)" = x86_64 ] || die "this runs on amd64 only, because the plugin knows Bacula's structures there, and this is $(uname -m)"
}

missing_packages() {
    local package
    for package in "$@"; do
        case $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) in
        installed) ;;
        *) printf '%s\n' "$package" ;;
        esac
    done
}

# apt_known PACKAGE...: apt's lists have all of them (they are empty on a fresh image)
apt_known() {
    local package known
    known=$(apt-cache madison "$@" 2>/dev/null | awk '{ print $1 }') # once: it takes half a second
    for package in "$@"; do grep -qxF -- "$package" <<<"$known" || return 1; done
}

# as_root COMMAND...: directly, or by sudo if it asks for no password
as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n -- "$@"; fi
}
can_be_root() { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }

# apt_get ARGUMENTS...: as root, quiet, never asking, never waiting for ever for another apt
apt_get() {
    as_root env DEBIAN_FRONTEND=noninteractive timeout --foreground 1200 \
        apt-get -q -y -o DPkg::Lock::Timeout=120 -o Acquire::Retries=3 "$@"
}

# refresh_lists PACKAGE...: apt-get update, only when apt does not know one of the packages
refresh_lists() {
    apt_known "$@" && return
    can_be_root || die "apt does not know all of: $*. Run this as root, then start again:  apt-get update"
    apt_get update >"$BUILD/apt.log" 2>&1 || die "apt-get update failed" "$BUILD/apt.log"
    apt_known "$@" || die "apt still does not know all of: $*"
}

# need_packages PACKAGE...: installs those that are missing; apt is not called when none is
need_packages() {
    local missing
    mapfile -t missing < <(missing_packages "$@")
    if [ "${#missing[@]}" = 0 ]; then
        say "nothing to install"
        return
    fi
    say "installing ${missing[*]}"
    can_be_root || die "packages are missing. Run this as root, then start again:
        apt-get update && apt-get install --no-install-recommends ${missing[*]}"
    refresh_lists "${missing[@]}"
    apt_get install --no-install-recommends "${missing[@]}" >"$BUILD/apt.log" 2>&1 ||
        die "apt-get install failed" "$BUILD/apt.log"
}

# need_promtool: Prometheus's own parser for --prometheus, in $BUILD/prometheus/usr/bin; unpacked, since the package would start
# a server. Without it what asks it is skipped.
need_promtool() {
    local folder=$BUILD/prometheus
    [ ! -x "$folder/usr/bin/promtool" ] || return 0
    mkdir -p "$folder/deb"
    (cd "$folder/deb" && timeout 300 apt-get download prometheus && dpkg -x prometheus_*.deb "$folder") >"$folder.log" 2>&1 ||
        say "promtool cannot be had: see $folder.log"
    rm -rf "$folder/deb"
}
