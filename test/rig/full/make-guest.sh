#!/usr/bin/env bash
# Makes the guest of the full rig in the folder $1: Debian's kernel, its modules that the rig needs, udevd, and an
# initramfs of them. Installs the packages it needs to run one. A second run only looks.
set -euo pipefail
cd "$(dirname "$0")"
to=$1
export PATH="$PATH:/usr/sbin:/sbin"

declare -A package_of=(
  [qemu-system-x86_64]=qemu-system-x86 [busybox]=busybox-static [cpio]=cpio [depmod]=kmod [dpkg]=dpkg
  [debugfs]=e2fsprogs [adb]=adb [redis-server]=redis-server
)
sudo=""
[ "$(id -u)" = 0 ] || sudo="sudo -n"
apt="$sudo env DEBIAN_FRONTEND=noninteractive apt-get"

missing=()
for command in "${!package_of[@]}"; do
  command -v "$command" >/dev/null || missing+=("${package_of[$command]}")
done
if [ ${#missing[@]} -gt 0 ]; then
  if [ -n "$sudo" ] && ! sudo -n true 2>/dev/null; then
    echo "rig: missing Debian packages. Type:  sudo apt-get install -y --no-install-recommends ${missing[*]}" >&2
    exit 69
  fi
  echo "rig: installing ${missing[*]}"
  $apt update -qq
  $apt install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

stamp=$(sha256sum init.sh make-guest.sh | sha256sum | cut -c1-16)
[ -e "$to/made-$stamp" ] && exit 0
rm -rf "$to"
mkdir -p "$to/packages"
echo "rig: making the guest (once, about 70 MB)"
fetch() (
  cd "$to/packages"
  kernel=$(apt-cache depends linux-image-amd64 2>/dev/null | grep -o 'linux-image-[0-9][^ ]*' | head -n 1)
  [ -n "$kernel" ] && apt-get download -qq "$kernel" udev 2>/dev/null
)
# What apt knows may be old or nothing.
fetch || { $apt update -qq && fetch; } || {
  echo "rig: a kernel and udev cannot be downloaded. Type:  sudo apt-get update  and run this again" >&2
  exit 69
}
for package in "$to"/packages/*.deb; do dpkg -x "$package" "$to/system"; done
rm -r "$to/packages"
version=$(basename "$to"/system/lib/modules/*)
depmod -b "$to/system" "$version"

root=$to/initramfs
mkdir -p "$root"/{bin,modules,proc,sys,dev}
cp "$(command -v busybox)" "$root/bin/busybox"
install -m 755 init.sh "$root/init"
for module in virtio_pci virtio_blk virtio_console virtio_rng 9pnet_virtio 9p crc32c_generic ext4 xhci_pci; do
  modprobe -d "$to/system" -S "$version" --show-depends "$module"
done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' >"$to/modules"
while read -r file; do
  cp "$file" "$root/modules/"
  basename "$file"
done <"$to/modules" >"$root/modules/order"
(cd "$root" && find . | cpio -o -H newc --quiet | gzip -1) >"$to/initrd"
cp "$to"/system/boot/vmlinuz-* "$to/vmlinuz"
mkdir -p "$to/udev"
cp "$to/system/bin/udevadm" "$to/udev/udevadm"
rm -rf "$to/system" "$root" "$to/modules"
touch "$to/made-$stamp"
