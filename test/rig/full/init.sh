#!/bin/busybox sh
# The first program of the guest: drivers, the host's root read-only over 9p, the virtual disk for what must outlive a
# power cut, udevd, and then the agent. Kernel arguments: rig.node, rig.agent, rig.udev (paths on the host's root).
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
for word in $(cat /proc/cmdline); do
  case $word in rig.*) key=${word%%=*}; eval "${key#rig.}=\${word#*=}" ;; esac
done
while read -r module; do insmod "/modules/$module" || echo "rig: $module does not load"; done </modules/order

mkdir /host
mount -t 9p -o trans=virtio,version=9p2000.L,ro,cache=loose,msize=512000 root /host || poweroff -f
# Nothing else is covered: the project may stand anywhere on the host.
mount -t tmpfs tmpfs /host/run
for place in dev proc sys; do mount --rbind "/$place" "/host/$place"; done
mkdir -p /host/run/state /host/run/udev /host/run/tmp
until [ -e /dev/vda ]; do sleep 0.1; done
mount -t ext4 /dev/vda /host/run/state || { echo 'rig: the virtual disk does not mount'; poweroff -f; }
ip link set lo up
hostname rig

# Under this name it is the daemon (a link in the package); root may use what it makes anyway.
chroot /host /bin/bash -c "exec -a systemd-udevd '$udev' --children-max=4" &
until [ -S /host/run/udev/control ]; do sleep 0.1; done
for port in /sys/class/virtio-ports/*; do
  [ -e "$port/name" ] && ln -s "/dev/${port##*/}" "/host/run/$(cat "$port/name")"
done
chroot /host /usr/bin/env -i HOME=/run/tmp TMPDIR=/run/tmp PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$node" --enable-source-maps "$agent"
echo "rig: the agent ended with $?"
sync
poweroff -f
