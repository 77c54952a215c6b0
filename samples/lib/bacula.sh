# shellcheck shell=bash disable=SC2034
# Bacula, unpacked and never installed, because installing it would start its services. Each version lies in a folder of its
# own, runs with the libraries of this machine, and comes from the Debian release that has it.

BACULA_PACKAGES=(bacula-sd bacula-director bacula-director-sqlite3 bacula-common bacula-common-sqlite3
    bacula-fd bacula-console bacula-bscan)
BACULA_PROGRAMS=(bacula-sd bacula-dir bacula-fd bconsole bls btape bscan)
BACULA_VERSION=9.6.7    # Debian 12
BACULA_NEWER=15.0.3     # Debian 12's backports, Debian 13
DEBIAN_MIRROR=http://deb.debian.org/debian
DEBIAN_KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

bacula_root() { printf '%s\n' "$BUILD/bacula-$1"; }

# need_bacula: Debian 12's Bacula, in $BACULA
need_bacula() {
    BACULA=$(bacula_root "$BACULA_VERSION")
    need_version "$BACULA_VERSION" bookworm || die "$TROUBLE" "$BUILD/bacula-download.log"
}
# need_newer_bacula: the same with 15.0.3. Fails, with the reason in TROUBLE, where it cannot be downloaded.
need_newer_bacula() {
    case $(os_release VERSION_CODENAME) in
    bookworm) need_version "$BACULA_NEWER" bookworm-backports ;;
    *) need_version "$BACULA_NEWER" trixie ;;
    esac
}

# need_version VERSION SUITE: unpacks it once. Fails with the reason in TROUBLE.
need_version() {
    local root program
    root=$(bacula_root "$1")
    if [ -e "$root/run" ]; then
        say "Bacula $1 is in $root"
        return
    fi
    say "downloading Bacula $1 from Debian's $2; unpacked, not installed"
    use_debian "$2" || return
    unpack_bacula "$1" "${BACULA_PACKAGES[@]}" || return
    run_script >"$root/run.new"
    chmod +x "$root/run.new"
    for program in "${BACULA_PROGRAMS[@]}"; do
        runs_as "$root/run.new" "$program" "$1" || return
    done
    mv "$root/run.new" "$root/run"
}
# runs_as RUN PROGRAM VERSION
runs_as() {
    "$1" "$2" '-?' >"$BUILD/bacula-download.log" 2>&1 || true
    grep -q "Version: $3 " "$BUILD/bacula-download.log" || { TROUBLE="$2 $3 does not run here"; return 1; }
}

# need_bacula_of FOLDER: one that was built by hand and installed there ("make install", any prefix). OWN_VERSION is its version.
need_bacula_of() {
    local from root sd programs libraries program
    from=$(realpath -e "$1" 2>/dev/null) || { TROUBLE="SHSTORE_BACULA=$1 is not there"; return 1; }
    sd=$(find "$from" -name bacula-sd -type f -perm -u+x | head -n 1)
    [ -n "$sd" ] || { TROUBLE="there is no program bacula-sd in SHSTORE_BACULA=$1"; return 1; }
    programs=$(dirname "$sd")
    libraries=$(dirname "$(find "$from" -name 'libbacsd-*.so' | head -n 1)")
    OWN_VERSION=$(LD_LIBRARY_PATH=$libraries "$sd" '-?' 2>&1 | sed -n 's/^.*Version: \([^ ]*\) .*/\1/p' | head -n 1)
    [ -n "$OWN_VERSION" ] || { TROUBLE="$sd does not say its version"; return 1; }
    root=$(bacula_root "$OWN_VERSION")
    rm -rf "$root"
    mkdir -p "$root"/usr/{sbin,lib,share/bacula-director} "$root/etc/bacula"
    ln -s "$programs"/* "$root/usr/sbin/"
    ln -s "$libraries" "$root/usr/lib/bacula"
    program=$(find "$from" -name make_sqlite3_tables | head -n 1)
    [ -n "$program" ] || { TROUBLE="there is no make_sqlite3_tables in SHSTORE_BACULA=$1: configure Bacula --with-sqlite3"; return 1; }
    ln -s "$(dirname "$program")" "$root/etc/bacula/scripts"
    # As Debian has it: the catalog's folder and name are put in by whoever makes one (samples/lib/site.sh).
    sed -e 's|^cd .*|cd /var/lib/bacula|' -e 's|^db_name=.*|db_name=XXX_DBNAME_XXX|' "$program" >"$root/usr/share/bacula-director/make_sqlite3_tables"
    run_script >"$root/run"
    chmod +x "$root/run"
    for program in "${BACULA_PROGRAMS[@]}"; do runs_as "$root/run" "$program" "$OWN_VERSION" || return; done
    say "Bacula $OWN_VERSION, built by hand, is in $from"
}

# unpack_bacula VERSION PACKAGE...: the packages in that version, with apt as set up in APT
unpack_bacula() {
    local version=$1 package full root work wanted=()
    root=$(bacula_root "$version")
    work=$root/debs
    shift
    for package in "$@"; do
        full=$(apt-cache "${APT[@]}" madison "$package" | awk -v v="$version" 'index($3, v "-") == 1 { print $3; exit }')
        [ -n "$full" ] || { TROUBLE="apt offers no $package $version"; return 1; }
        wanted+=("$package=$full")
    done
    rm -rf "$root"
    mkdir -p "$work"
    # As root apt would hand the download to user _apt, who may not write here: its notice about that is harmless.
    (cd "$work" && timeout --foreground 600 apt-get -q "${APT[@]}" -o APT::Sandbox::User=root -o Acquire::Retries=3 download "${wanted[@]}") \
        >"$BUILD/bacula-download.log" 2>&1 || { TROUBLE="apt-get download failed"; return 1; }
    for package in "$work"/*.deb; do
        dpkg -x "$package" "$root" || { TROUBLE="cannot unpack $package"; return 1; }
    done
    # A crashing daemon would run this to send mail to root.
    rm -f "$root/usr/sbin/btraceback"
}
# use_debian SUITE: in APT, options for an apt of its own that knows the main section of that Debian suite and nothing else, and
# believes only what Debian signed
APT=()
use_debian() {
    local apt=$BUILD/apt-$1
    [ -r "$DEBIAN_KEYRING" ] || { TROUBLE="$DEBIAN_KEYRING is missing (package debian-archive-keyring)"; return 1; }
    mkdir -p "$apt"/{lists,archives}/partial
    echo "deb [arch=amd64 signed-by=$DEBIAN_KEYRING] $DEBIAN_MIRROR $1 main" >"$apt/sources.list"
    : >"$apt/status"
    APT=(-o "Dir::Etc::sourcelist=$apt/sources.list" -o "Dir::Etc::sourceparts=/dev/null" -o "Dir::Etc::preferences=/dev/null"
        -o "Dir::Etc::preferencesparts=/dev/null" -o "Dir::State=$apt" -o "Dir::State::status=$apt/status" -o "Dir::Cache=$apt"
        -o "APT::Default-Release=" -o "APT::Sandbox::User=root" -o "Acquire::Languages=none" -o "Acquire::Retries=3"
        -o "Acquire::http::Timeout=30")
    # Who comes second waits: apt itself would give up at once.
    flock -w 300 "$apt/sources.list" timeout --foreground 300 apt-get -q "${APT[@]}" -o APT::Update::Error-Mode=any update >"$apt.log" 2>&1 ||
        { TROUBLE="Debian's lists of $1 cannot be had from $DEBIAN_MIRROR (see $apt.log)"; return 1; }
}

# run_script: prints a script "run PROGRAM [ARGUMENT...]" that runs a program out of the folder that it lies in
run_script() {
    cat <<'EOF'
#!/bin/sh
# run PROGRAM [ARGUMENT...]: a program of this Bacula. BACULA_PRELOAD: a library to load before all others.
root=$(dirname "$0") program=$1
shift
exec env LD_LIBRARY_PATH="$root/usr/lib/bacula" ${BACULA_PRELOAD:+"LD_PRELOAD=$BACULA_PRELOAD"} "$root/usr/sbin/$program" "$@"
EOF
}
