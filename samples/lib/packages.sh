# shellcheck shell=bash disable=SC2034
# What has to be on the machine: build packages and run-time libraries are installed with apt when they are
# missing; Bacula itself is only downloaded and unpacked, because installing it would start its services.

BUILD_PACKAGES=(build-essential cmake ninja-build libboost-dev libsgutils2-dev libspdlog-dev nlohmann-json3-dev
    libexpected-dev libcli11-dev libfmt-dev)
TEST_PACKAGES=(libgtest-dev libgmock-dev librapidcheck-dev sg3-utils)
RUNTIME_PACKAGES=(libwrap0 liblzo2-2 libreadline8 libsqlite3-0 libacl1 libcap2 libssl3 sqlite3)
BACULA_PACKAGES=(bacula-sd bacula-director bacula-director-sqlite3 bacula-common bacula-common-sqlite3
    bacula-fd bacula-console)
BACULA_VERSION=9.6.7

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
    local package
    for package in "$@"; do
        [ -n "$(apt-cache madison "$package" 2>/dev/null)" ] || return 1
    done
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
    apt_known "$@" || die "apt still does not know all of: $* (Debian 12 with Bacula $BACULA_VERSION is needed)"
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

# need_bacula: unpacks Debian's Bacula into $BACULA (never installs it), once
need_bacula() {
    local work package version versions=()
    BACULA=$BUILD/bacula-$BACULA_VERSION
    if [ -e "$BACULA/complete" ]; then
        say "Bacula $BACULA_VERSION is in $BACULA"
        return
    fi
    say "downloading Bacula $BACULA_VERSION; unpacked, not installed"
    refresh_lists "${BACULA_PACKAGES[@]}"
    for package in "${BACULA_PACKAGES[@]}"; do
        version=$(apt-cache madison "$package" | awk -v v="$BACULA_VERSION" 'index($3, v "-") == 1 { print $3; exit }')
        [ -n "$version" ] || die "apt offers no $package $BACULA_VERSION (this is not Debian 12)"
        versions+=("$package=$version")
    done
    rm -rf "$BACULA"
    work=$BACULA/debs
    mkdir -p "$work"
    # As root apt would hand the download to user _apt, who may not write here: its notice about that is harmless.
    (cd "$work" && timeout --foreground 600 apt-get -q -o APT::Sandbox::User=root -o Acquire::Retries=3 download "${versions[@]}") \
        >"$BUILD/bacula-download.log" 2>&1 || die "apt-get download failed" "$BUILD/bacula-download.log"
    for package in "$work"/*.deb; do
        dpkg -x "$package" "$BACULA" || die "cannot unpack $package"
    done
    # A crashing daemon would run this to send mail to root.
    rm -f "$BACULA/usr/sbin/btraceback"
    touch "$BACULA/complete"
}
