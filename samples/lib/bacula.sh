# shellcheck shell=bash
# Bacula, unpacked and never installed, because installing it would start its services. Each version comes from the
# Debian release that has it, lies in a folder of its own and runs with the libraries of that release.

BACULA_PACKAGES=(bacula-sd bacula-director bacula-director-sqlite3 bacula-common bacula-common-sqlite3
    bacula-fd bacula-console bacula-bscan)
BACULA_VERSION=9.6.7    # Debian 12, the machine's own
BACULA_NEWER=15.0.3     # Debian 13

# What Bacula 15.0.3 needs of Debian 13. This machine's C library is older than the one it was built with.
TRIXIE_LIBRARIES=(libc6 libgcc-s1 libstdc++6 libssl3t64 zlib1g libzstd1 liblzo2-2 libsqlite3-0 libreadline8t64 libtinfo6
    libacl1 libcap2 libwrap0)
DEBIAN_MIRROR=http://deb.debian.org/debian
DEBIAN_KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

bacula_root() { printf '%s\n' "$BUILD/bacula-$1"; }

# need_bacula: unpacks Debian 12's Bacula into $BACULA, once
need_bacula() {
    BACULA=$(bacula_root "$BACULA_VERSION")
    if [ -e "$BACULA/run" ]; then
        say "Bacula $BACULA_VERSION is in $BACULA"
        return
    fi
    say "downloading Bacula $BACULA_VERSION; unpacked, not installed"
    refresh_lists "${BACULA_PACKAGES[@]}"
    unpack_bacula "$BACULA_VERSION" "${BACULA_PACKAGES[@]}" || die "$TROUBLE (Debian 12 is needed)" "$BUILD/bacula-download.log"
    own_libraries_run >"$BACULA/run"
    chmod +x "$BACULA/run"
}

# need_newer_bacula: the same with Debian 13's. Fails, with the reason in TROUBLE, where Debian 13 cannot be downloaded.
need_newer_bacula() {
    local root program
    root=$(bacula_root "$BACULA_NEWER")
    if [ -e "$root/run" ]; then
        say "Bacula $BACULA_NEWER is in $root"
        return
    fi
    say "downloading Bacula $BACULA_NEWER and its libraries from Debian 13; unpacked, not installed"
    use_debian trixie || return
    unpack_bacula "$BACULA_NEWER" "${BACULA_PACKAGES[@]}" "${TRIXIE_LIBRARIES[@]}" || return
    trixie_run >"$root/run.new"
    chmod +x "$root/run.new"
    for program in bacula-sd bacula-dir bacula-fd bconsole bls btape bscan; do
        "$root/run.new" "$program" '-?' >"$BUILD/bacula-download.log" 2>&1
        grep -q "Version: $BACULA_NEWER" "$BUILD/bacula-download.log" || { TROUBLE="$program $BACULA_NEWER does not run here"; return 1; }
    done
    mv "$root/run.new" "$root/run"
}

# unpack_bacula VERSION PACKAGE...: Bacula's packages in that version, others in the newest, with apt as set up in APT
unpack_bacula() {
    local version=$1 package full root work wanted=()
    root=$(bacula_root "$version")
    work=$root/debs
    shift
    for package in "$@"; do
        case $package in bacula-*) ;; *) wanted+=("$package"); continue ;; esac
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
APT=()   # options for apt: none, the machine's own apt

# use_debian SUITE: an apt of its own that knows that suite's main section and nothing else, and believes only what Debian signed
use_debian() {
    local suite=$1 apt=$BUILD/apt-$1
    [ -r "$DEBIAN_KEYRING" ] || { TROUBLE="$DEBIAN_KEYRING is missing (package debian-archive-keyring)"; return 1; }
    mkdir -p "$apt"/{lists,archives}/partial
    echo "deb [arch=amd64 signed-by=$DEBIAN_KEYRING] $DEBIAN_MIRROR $suite main" >"$apt/sources.list"
    : >"$apt/status"
    APT=(-o "Dir::Etc::sourcelist=$apt/sources.list" -o "Dir::Etc::sourceparts=/dev/null" -o "Dir::Etc::preferences=/dev/null"
        -o "Dir::Etc::preferencesparts=/dev/null" -o "Dir::State=$apt" -o "Dir::State::status=$apt/status" -o "Dir::Cache=$apt"
        -o "APT::Default-Release=" -o "APT::Sandbox::User=root" -o "Acquire::Languages=none" -o "Acquire::Retries=3"
        -o "Acquire::http::Timeout=30")
    timeout --foreground 300 apt-get -q "${APT[@]}" -o APT::Update::Error-Mode=any update >"$apt.log" 2>&1 ||
        { TROUBLE="Debian's package lists of $suite cannot be had from $DEBIAN_MIRROR (see $apt.log)"; return 1; }
}

# The two ways to run a program out of its folder; each prints a script "run PROGRAM [ARGUMENT...]".
own_libraries_run() {
    cat <<'EOF'
#!/bin/sh
# run PROGRAM [ARGUMENT...]: a program of this Bacula. BACULA_PRELOAD: a library to load before all others.
root=$(dirname "$0") program=$1
shift
exec env LD_LIBRARY_PATH="$root/usr/lib/bacula" ${BACULA_PRELOAD:+"LD_PRELOAD=$BACULA_PRELOAD"} "$root/usr/sbin/$program" "$@"
EOF
}
# Debian 13's program loader and C library belong together; the daemons' own files stay as Debian made them. This machine's
# libraries come last: a plugin that was built here finds those there that Debian 13 has under another name (libfmt, libsgutils2).
trixie_run() {
    cat <<EOF
#!/bin/sh
# run PROGRAM [ARGUMENT...]: a program of this Bacula. BACULA_PRELOAD: a library to load before all others.
root=\$(dirname "\$0") program=\$1
shift
libraries=\$root/usr/lib/x86_64-linux-gnu
exec "\$libraries/ld-linux-x86-64.so.2" --library-path "\$libraries:\$root/usr/lib/bacula:/usr/lib/x86_64-linux-gnu" \\
    \${BACULA_PRELOAD:+--preload "\$BACULA_PRELOAD"} "\$root/usr/sbin/\$program" "\$@"
EOF
}
