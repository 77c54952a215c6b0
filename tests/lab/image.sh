# shellcheck shell=bash
# The guest: a kernel of Debian's and a few of its packages, downloaded and unpacked; nothing is installed or started on this
# machine. The result is $IMAGES/system-B.cpio, which holds the guest's files with Bacula B, and kernel-K/{kernel,modules.cpio};
# the kernel unpacks both archives, one behind the other, as its initrd.

# LAB_KERNEL: the kernels there are, each by the part of Debian's archive that has it
declare -A KERNEL_SUITE=([6.1]=bookworm [6.12]=trixie [newest]=trixie-backports)

# LAB_BACULA: the versions there are, each with the rest of the guest's files from the Debian that has it
declare -A SYSTEM_SUITE=([9.6.7]=bookworm [15.0.3]=trixie)

GUEST_PACKAGES=(
    busybox-static bash libtinfo6 libc6 libgcc-s1 libstdc++6
    sg3-utils lsscsi mtx mt-st
    bacula-sd bacula-fd bacula-director bacula-director-sqlite3 bacula-console bacula-common bacula-common-sqlite3
    sqlite3 libsqlite3-0 libwrap0 liblzo2-2 libacl1 libattr1 zlib1g libnsl2 libgssapi-krb5-2
    libkrb5-3 libk5crypto3 libkrb5support0 libcom-err2 libkeyutils1
    coreutils gzip diffutils
    tgt libibverbs1 libnl-3-200 libnl-route-3-200
    open-iscsi libopeniscsiusr libkmod2 libmount1 libblkid1 libselinux1 libpcre2-8-0
    udev libudev1
    libsystemd0 libcap2 libgcrypt20 libgpg-error0 liblz4-1 liblzma5 libzstd1)
BOOKWORM_PACKAGES=(libgmp10 libreadline8 libtirpc3 libaio1 librdmacm1 libisns0 libssl3)
TRIXIE_PACKAGES=(libsgutils2-1.48 libgmp10 libreadline8t64 libtirpc3t64 libaio1t64 librdmacm1t64 libisns0t64 libssl3t64
    libsystemd-shared libaudit1 libcap-ng0 libpam0g libseccomp2 libcrypt1)
# What this project's programs, which are built on this machine, are linked with.
HOST_LIBRARIES=(libsgutils2-1.46-2 libfmt9 libspdlog1.10)

# What init and the guest's scripts load; what these need is found. Some are built into newer kernels, and crc32c_generic is no
# module of its own any more in 7.3.
GUEST_MODULES=(virtio_pci 9pnet_virtio 9p virtio_net configfs sg st crc32c_generic iscsi_tcp
    target_core_user tcm_loop iscsi_target_mod)
# The folders of Debian's modules that are looked into.
MODULE_FOLDERS=(arch crypto lib fs/9p fs/netfs fs/fscache fs/configfs net drivers/{virtio,scsi,target,uio,infiniband})
MODULE_FILES=(drivers/net/{virtio_net,net_failover}.ko net/core/failover.ko)

# download_packages FOLDER PACKAGE...
download_packages() {
    local folder=$1
    shift
    mkdir -p "$folder"
    # As root apt would hand the download to user _apt, who may not write here.
    (cd "$folder" &&
        timeout --foreground 900 apt-get -q "${APT[@]}" -o APT::Sandbox::User=root -o Acquire::Retries=3 download "$@") \
        >"$LAB/download.log" 2>&1 || die "apt-get download failed" "$LAB/download.log"
}

# copy_modules ROOT: of $work/kernel those that the guest needs, with what they depend on
copy_modules() {
    local from=$work/kernel/usr/lib/modules/$version to=$1/usr/lib/modules/$version module line files=''
    find "$from" -name '*.ko.xz' -exec xz -d {} + || die "cannot unpack the modules"
    "$busybox" depmod -b "$work/kernel/usr" "$version" || die "depmod failed"
    for module in "${GUEST_MODULES[@]}"; do
        # A line of modules.dep: "kernel/.../a.ko: kernel/.../b.ko ..."
        line=$(grep -E "(^|/)${module//_/[-_]}\.ko:" "$from/modules.dep" || true)
        [ -n "$line" ] || grep -qE "/${module//_/[-_]}\.ko$" "$from/modules.builtin" || [ "$module" = crc32c_generic ] ||
            die "Linux $version has no module $module"
        files+=$line$'\n'
    done
    mkdir -p "$to"
    (cd "$from" && cp modules.order modules.builtin "$to" &&
        tr -d : <<<"$files" | tr ' ' '\n' | sed '/^$/d' | sort -u | xargs cp --parents -t "$to") || die "cannot copy the modules"
    "$busybox" depmod -b "$1/usr" "$version" || die "depmod failed"
}

# plain_kernel: Debian's kernel without its compression, which QEMU then boots directly. Unpacking it would be
# emulated, and takes 3 s.
plain_kernel() {
    local packed unpack magic start
    packed=$(find "$work/kernel" -name 'vmlinuz*' -type f)
    for unpack in "xz -dcq --single-stream" "zstd -dcq"; do
        case $unpack in xz*) magic='\xfd7zXZ\x00' ;; *) magic='\x28\xb5\x2f\xfd' ;; esac
        start=$(LC_ALL=C grep -aobP "$magic" "$packed" | head -n 1 | cut -d: -f1 || true)
        [ -n "$start" ] || continue
        tail -c "+$((start + 1))" "$packed" | $unpack 2>/dev/null >"$work/vmlinux" || true # what follows it is no archive
        [ "$(head -c 4 "$work/vmlinux" | tail -c 3)" != ELF ] || return 0
    done
    die "no ELF kernel in $packed"
}

# archive FOLDER FILE: as a cpio archive that the kernel takes for an initrd
archive() { (cd "$1" && find . | "$busybox" cpio -o -H newc -R 0:0) 2>/dev/null >"$2"; }

build_system() {
    local work=$LAB/work root=$LAB/work/root suite=${SYSTEM_SUITE[$LAB_BACULA]} package busybox folder
    rm -rf "$work"
    mkdir -p "$IMAGES" "$root"/{proc,sys,dev,run,lab,tmp,root,usr/local/bin,etc/iscsi,var/lib}
    APT=()
    refresh_lists "${HOST_LIBRARIES[@]}"
    download_packages "$work/host" "${HOST_LIBRARIES[@]}"
    if [ "$suite" = bookworm ]; then
        refresh_lists "${GUEST_PACKAGES[@]}" "${BOOKWORM_PACKAGES[@]}"
        download_packages "$work/debs" "${GUEST_PACKAGES[@]}" "${BOOKWORM_PACKAGES[@]}"
        mkdir "$root/lib"
        ln -s ../usr/lib/modules "$root/lib/modules"
    else
        use_debian "$suite" || die "$TROUBLE"
        download_packages "$work/debs" "${GUEST_PACKAGES[@]}" "${TRIXIE_PACKAGES[@]}"
        for folder in bin sbin lib lib64; do
            mkdir -p "$root/usr/$folder"
            ln -s "usr/$folder" "$root/$folder"
        done
    fi
    for package in "$work"/{host,debs}/*.deb; do dpkg -x "$package" "$root" || die "cannot unpack $package"; done
    [ -n "$(find "$work/debs" -name "bacula-sd_$LAB_BACULA-*")" ] || die "Debian ($suite) has no Bacula $LAB_BACULA any more"
    busybox=$root/bin/busybox
    cp "$busybox" "$IMAGES/busybox"
    find "$root/usr/share" -mindepth 1 -maxdepth 1 ! -name bacula-director -exec rm -rf {} +
    rm -rf "$root"/usr/lib/x86_64-linux-gnu/gconv "$root"/usr/lib/locale "$root"/{usr/,}lib/udev/hwdb.{d,bin}
    ln -s /run "$root/var/run"
    printf 'root:x:0:0::/root:/bin/bash\n' >"$root/etc/passwd"
    printf 'root:x:0:\ntape:x:26:\n' >"$root/etc/group"
    install -m 755 "$LAB_SOURCE/guest/init" "$root/init"
    archive "$root" "$IMAGES/system-$LAB_BACULA.cpio"
    rm -rf "$work"
    say "the guest's files: $(($(stat -c %s "$IMAGES/system-$LAB_BACULA.cpio") / 1024 / 1024)) MB"
}

# kernel_packages: linux-image-amd64 names the kernel's package; from 7.3 on its parts are packages that this one names
named_by() { apt-cache "${APT[@]}" depends "$@" | awk '/Depends: linux-(image|binary|modules|base)-[0-9]/ { print $2 }'; }
kernel_packages() {
    local first
    mapfile -t first < <(named_by linux-image-amd64)
    [ "${#first[@]}" = 0 ] || { printf '%s\n' "${first[@]}" && named_by "${first[@]}"; } | sort -u
}

build_kernel() {
    local work=$LAB/work to=$IMAGES/kernel-$LAB_KERNEL busybox=$IMAGES/busybox suite=${KERNEL_SUITE[$LAB_KERNEL]} packages package folder
    local wanted=()
    APT=()
    rm -rf "$work" "$to"
    mkdir -p "$work"/{kernel/usr/lib,root} "$to"
    if [ "$suite" = bookworm ]; then
        refresh_lists linux-image-amd64
    else
        use_debian "$suite" || die "$TROUBLE"
    fi
    mapfile -t packages < <(kernel_packages)
    [ "${#packages[@]}" != 0 ] || die "apt offers no Linux $LAB_KERNEL (Debian $suite is needed)"
    download_packages "$work/debs" "${packages[@]}"
    # Debian 12 has modules below /lib, later ones below /usr/lib; only some folders are needed of thousands of modules.
    for folder in "${MODULE_FOLDERS[@]}"; do wanted+=("*/modules/*/kernel/$folder/*"); done
    for folder in "${MODULE_FILES[@]}"; do wanted+=("*/modules/*/kernel/$folder*"); done
    ln -s usr/lib "$work/kernel/lib"
    for package in "$work"/debs/*.deb; do
        dpkg-deb --fsys-tarfile "$package" |
            tar -x -C "$work/kernel" --keep-directory-symlink --wildcards "${wanted[@]}" '*/modules/*/modules.*' '*/vmlinuz*' 2>/dev/null || true # not every package has all
    done
    version=$(basename "$work"/kernel/lib/modules/*)
    copy_modules "$work/root"
    plain_kernel
    archive "$work/root" "$to/modules.cpio"
    mv "$work/vmlinux" "$to/kernel"
    rm -rf "$work"
    say "Linux $version"
}

# have NAME COMMAND: $IMAGES/NAME is built unless it is there, by this recipe
have() {
    local recipe
    recipe=$(cat "$LAB_SOURCE/image.sh" "$LAB_SOURCE/guest/init" | sha256sum)
    if [ "$(cat "$IMAGES/$1.recipe" 2>/dev/null)" = "$recipe" ]; then return; fi
    say "downloading the packages of the guest's $1; unpacked, not installed"
    "$2" && printf '%s\n' "$recipe" >"$IMAGES/$1.recipe"
}
# need_image: what the guest with LAB_KERNEL boots from
need_image() {
    have "system-$LAB_BACULA" build_system
    have "kernel-$LAB_KERNEL" build_kernel
    cat "$IMAGES/system-$LAB_BACULA.cpio" "$IMAGES/kernel-$LAB_KERNEL/modules.cpio" >"$IMAGES/initrd-$LAB_KERNEL-$LAB_BACULA"
    say "the guest is in $IMAGES: Linux $LAB_KERNEL, Bacula $LAB_BACULA"
}
