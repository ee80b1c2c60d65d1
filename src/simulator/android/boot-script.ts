/**
 * Runs as the first process of a handset's own mount and process namespace: puts the root together and then only
 * keeps the namespace alive. It ends with its stdin, so that nothing outlives the simulator even where the kernel
 * does not pass on the death of a parent. Arguments: root, run folder, `tmpfs:BYTES` or an image.
 */
export const BOOT_SCRIPT = `
set -e
root=$1; run=$2; data=$3
read -r pid rest </proc/self/stat
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
for node in null zero random urandom tty; do mount --bind "/dev/$node" "$root/dev/$node"; done
mount --bind "$run/socket" "$root/dev/socket"
for pair in meminfo:meminfo partitions:partitions boot_id:sys/kernel/random/boot_id; do
  mount --bind "$run/\${pair%%:*}" "$root/proc/\${pair#*:}"
done
case $data in
  tmpfs:*) mount -t tmpfs -o "size=\${data#tmpfs:},mode=771" data "$root/data" ;;
  *) mount -t ext4 -o loop,noatime "$data" "$root/data" ;;
esac
# ext4 keeps 2 % or at most 16 MiB back for its own bookkeeping, next to nothing on the storage of a real handset.
while read -r device place rest; do
  spare=/sys/fs/ext4/\${device##*/}/reserved_clusters
  if [ "$place" = "$root/data" ] && [ -w "$spare" ]; then echo 16 >"$spare"; fi
done </proc/self/mounts
mkdir -p "$root/data/media/0"
mount --bind "$root/data/media/0" "$root/storage/emulated/0"
# df names the last place where a file system is mounted, and that must be /data.
mount --bind "$root/data" "$root/data"
echo "ready $pid"
trap '' CHLD
exec cat >/dev/null
`;
