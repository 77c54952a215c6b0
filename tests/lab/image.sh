# shellcheck shell=bash
# The guest: Debian's kernel and a few of its packages, downloaded and unpacked; nothing is installed or started on
# this machine. The result is $IMAGE/kernel and $IMAGE/initrd, which holds the whole system of the guest.

GUEST_PACKAGES=(
    busybox-static bash libtinfo6 libc6 libgcc-s1 libstdc++6
    sg3-utils libsgutils2-1.46-2 libfmt9 libspdlog1.10
    mtx mt-st
    bacula-sd bacula-fd bacula-director bacula-director-sqlite3 bacula-console bacula-common bacula-common-sqlite3
    sqlite3 libsqlite3-0 libreadline8 libwrap0 liblzo2-2 libacl1 libattr1 zlib1g libnsl2 libtirpc3 libgssapi-krb5-2
    libkrb5-3 libk5crypto3 libkrb5support0 libcom-err2 libkeyutils1
    coreutils libgmp10 gzip diffutils
    tgt libaio1 libibverbs1 librdmacm1 libnl-3-200 libnl-route-3-200
    open-iscsi libopeniscsiusr libisns0 libkmod2 libmount1 libblkid1 libselinux1 libpcre2-8-0 libssl3
    libsystemd0 libcap2 libgcrypt20 libgpg-error0 liblz4-1 liblzma5 libzstd1)
# What init and the guest's scripts load; what these need is found.
GUEST_MODULES=(virtio_pci 9pnet_virtio 9p configfs sg st crc32c_generic iscsi_tcp
    target_core_user tcm_loop iscsi_target_mod)

# download_packages FOLDER PACKAGE...
download_packages() {
    local folder=$1
    shift
    mkdir -p "$folder"
    # As root apt would hand the download to user _apt, who may not write here.
    (cd "$folder" &&
        timeout --foreground 900 apt-get -q -o APT::Sandbox::User=root -o Acquire::Retries=3 download "$@") \
        >"$LAB/download.log" 2>&1 || die "apt-get download failed" "$LAB/download.log"
}

# copy_modules ROOT: of $work/kernel those that the guest needs, with what they depend on
copy_modules() {
    local from=$work/kernel/lib/modules/$version to=$1/lib/modules/$version module files=''
    "$busybox" depmod -b "$work/kernel" "$version" || die "depmod failed"
    for module in "${GUEST_MODULES[@]}"; do
        # A line of modules.dep: "kernel/.../a.ko: kernel/.../b.ko ..."
        files+=$(grep -E "(^|/)${module//_/[-_]}\.ko:" "$from/modules.dep") || die "the kernel has no module $module"
        files+=$'\n'
    done
    mkdir -p "$to"
    (cd "$from" && cp modules.order modules.builtin "$to" &&
        tr -d : <<<"$files" | tr ' ' '\n' | sort -u | xargs cp --parents -t "$to") || die "cannot copy the modules"
    "$busybox" depmod -b "$1" "$version" || die "depmod failed"
}

# plain_kernel: Debian's kernel without its compression, which QEMU then boots directly. Unpacking it would be
# emulated, and takes 3 s.
plain_kernel() {
    local packed=$work/kernel/boot/vmlinuz-$version start
    start=$(LC_ALL=C grep -abo $'\xfd7zXZ' "$packed" | head -n 1 | cut -d: -f1)
    [ -n "$start" ] || die "the kernel is not compressed with xz"
    tail -c "+$((start + 1))" "$packed" | xz -dc --single-stream 2>/dev/null >"$work/vmlinux" || true
    [ "$(head -c 4 "$work/vmlinux" | tail -c 3)" = ELF ] || die "no ELF kernel in $packed"
}

build_image() {
    local work=$LAB/work kernel_package version root busybox package
    rm -rf "$work" "$IMAGE"
    root=$work/root
    mkdir -p "$work/kernel" "$root"/{proc,sys,dev,run,lab,tmp,root,usr/local/bin,etc/iscsi,var/lib}
    refresh_lists linux-image-amd64 "${GUEST_PACKAGES[@]}"
    kernel_package=$(apt-cache depends linux-image-amd64 | awk '/Depends: linux-image-6/ { print $2; exit }')
    [ -n "$kernel_package" ] || die "apt offers no linux-image-6* (Debian 12 is needed)"
    download_packages "$work/debs" "${GUEST_PACKAGES[@]}"
    download_packages "$work/kernel-deb" "$kernel_package"
    for package in "$work"/debs/*.deb; do dpkg -x "$package" "$root" || die "cannot unpack $package"; done
    dpkg -x "$work"/kernel-deb/*.deb "$work/kernel" || die "cannot unpack the kernel"
    version=$(basename "$work"/kernel/lib/modules/*)
    busybox=$root/bin/busybox
    find "$root/usr/share" -mindepth 1 -maxdepth 1 ! -name bacula-director -exec rm -rf {} +
    rm -rf "$root"/usr/lib/x86_64-linux-gnu/gconv "$root"/usr/lib/locale
    ln -s /run "$root/var/run"
    printf 'root:x:0:0::/root:/bin/bash\n' >"$root/etc/passwd"
    printf 'root:x:0:\ntape:x:26:\n' >"$root/etc/group"
    copy_modules "$root"
    plain_kernel
    install -m 755 "$LAB_SOURCE/guest/init" "$root/init"
    (cd "$root" && find . | "$busybox" cpio -o -H newc -R 0:0) 2>/dev/null >"$work/initrd"
    mkdir -p "$IMAGE"
    mv "$work/initrd" "$IMAGE/initrd"
    mv "$work/vmlinux" "$IMAGE/kernel"
    rm -rf "$work"
    image_recipe >"$IMAGE/recipe"
    say "Linux $version, $(($(stat -c %s "$IMAGE/initrd") / 1024 / 1024)) MB"
}

# image_recipe: changes when the image has to be built again
image_recipe() { cat "$LAB_SOURCE/image.sh" "$LAB_SOURCE/guest/init" | sha256sum; }

# need_image: builds it unless it is there
need_image() {
    if [ "$(cat "$IMAGE/recipe" 2>/dev/null)" = "$(image_recipe)" ]; then
        say "the guest is in $IMAGE"
    else
        say "downloading the guest's packages; unpacked, not installed"
        build_image
    fi
}
