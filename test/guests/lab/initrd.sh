#!/bin/sh
# Makes the root of the guests: busybox, the modules of virtio, QEMU's guest agent. A guest does what its agent is told.
# usage: initrd.sh KERNEL AGENT TARGET    the first two are unpacked packages
set -eu
kernel=$1 agent=$2 target=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
version=$(ls "$kernel/lib/modules")
modules=lib/modules/$version
[ -e "$kernel/$modules/modules.dep" ] || depmod -b "$kernel" "$version"

root=$work/root
mkdir -p "$root"/bin "$root"/sbin "$root"/dev "$root"/proc "$root"/sys "$root"/run "$root"/tmp "$root"/usr/sbin "$root/$modules"
cp /bin/busybox "$root/bin/"
for applet in sh mount modprobe cat echo sleep reboot poweroff devmem dd ls sync kill ps head ln mkdir pidof; do
  ln -s busybox "$root/bin/$applet"
done
for applet in reboot poweroff modprobe; do ln -s ../bin/busybox "$root/sbin/$applet"; done

cp "$agent/usr/sbin/qemu-ga" "$root/usr/sbin/"
for library in $(ldd "$agent/usr/sbin/qemu-ga" | grep -o '/[^ ]*'); do
  mkdir -p "$root$(dirname "$library")"
  cp -L "$library" "$root$library"
done

for module in virtio_pci virtio_console virtio_blk pvpanic-mmio pvpanic-pci; do
  modprobe -d "$kernel" -S "$version" --show-depends "$module"
done | sed -n 's/^insmod \([^ ]*\).*/\1/p' | sort -u | while read -r file; do
  inside=$modules${file#*"$modules"}
  mkdir -p "$root/$(dirname "$inside")"
  cp "$file" "$root/$inside"
done
cp "$kernel/$modules"/modules.builtin* "$kernel/$modules/modules.order" "$root/$modules/"
depmod -b "$root" "$version"

cat > "$root/init" <<'INIT'
#!/bin/sh
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
for module in virtio_pci virtio_console virtio_blk pvpanic-mmio pvpanic-pci; do modprobe $module; done
mkdir -p /dev/virtio-ports
for port in /sys/class/virtio-ports/*; do
  name=$(cat $port/name 2>/dev/null)
  [ -n "$name" ] && ln -sf /dev/${port##*/} /dev/virtio-ports/$name
done
echo 1 > /proc/sys/kernel/sysrq
echo guest is up
while true; do
  [ -e /dev/virtio-ports/org.qemu.guest_agent.0 ] &&
    /usr/sbin/qemu-ga -m virtio-serial -p /dev/virtio-ports/org.qemu.guest_agent.0 -t /run
  sleep 1
done
INIT
chmod +x "$root/init"
(cd "$root" && find . | cpio -o -H newc --quiet | gzip -1) > "$work/initrd"
mv "$work/initrd" "$target"
