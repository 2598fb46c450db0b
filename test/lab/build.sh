#!/bin/bash
# build.sh FOLDER: the kernel and the initial RAM file systems of the two machines.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=$1
mkdir -p "$out/bin" "$out/package"
cd "$out"

if [ ! -e vmlinuz ]; then
  image=$(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: //p' | head -1)
  (cd package && apt-get -q download "$image" && dpkg-deb -x "$image"_*.deb .)
  cp package/boot/vmlinuz-* vmlinuz
  basename package/boot/vmlinuz-* | sed 's/vmlinuz-//' > kernel-release
fi

# -O0: nothing may drop a store into memory that is never read
python3 "$here/mask.py" "$here/ioc.json" > masked.h
build() { # NAME SOURCE OPTIONS
  local name=$1 source=$2
  shift 2
  gcc -std=gnu17 -O0 -Wall -Wextra -s -I. "$@" -o "bin/$name" "$here/guest/$source.c"
}
for p in beacond kmasqd updaterd scriptd mtagent straddled ghostd wipefree shmd webd feedd; do build $p $p; done
for p in protnoned wided binaddrd v6holder nearmissd thpd nsagent; do build $p holderd -DCASE=$p -Wno-unused-function; done
build forkcowd shmd -DCOW
build alertd feedd -DALERT
build logreadd logd
build logmmapd logd -DMAP
build truthd truthd -static

modules="virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci failover net_failover virtio_net"
root() { # NAME MODULES...
  rm -rf "$1" && mkdir -p "$1"/{bin,modules,usr/local/sbin,lib64,lib/x86_64-linux-gnu,etc}
  cp /bin/busybox "$1/bin/"
  cp "$here/guest/init-$1" "$1/init"
  chmod +x "$1/init"
  local m
  for m in $modules "${@:2}"; do
    cp "$(find package/lib/modules -name "$m.ko")" "$1/modules/"
    echo "$m" >> "$1/modules/order"
  done
}
libraries() { # NAME PROGRAM...
  ldd "${@:2}" | grep -o '/lib[^ ]*' | sort -u | while read -r l; do cp -L "$l" "$1$l"; done
}
pack() { (cd "$1" && find . | cpio -o -H newc --quiet) > "$1.cpio"; }

root endpoint virtio_console qemu_fw_cfg
cp bin/* endpoint/usr/local/sbin/
rm endpoint/usr/local/sbin/webd
mv endpoint/usr/local/sbin/wipefree endpoint/bin/
printf 'root:x:0:0::/:/bin/sh\nadmin:x:1000:1000::/:/bin/sh\nbeacon:x:1001:1001::/:/bin/sh\nupdate:x:1002:1002::/:/bin/sh\n' > endpoint/etc/passwd
libraries endpoint bin/beacond
pack endpoint

root gateway dummy
cp bin/webd "$(command -v tinyproxy)" gateway/bin/
cp "$here/guest/tinyproxy.conf" gateway/
mkdir -p gateway/usr/share/tinyproxy
cp /usr/share/tinyproxy/* gateway/usr/share/tinyproxy/
python3 -c 'import json, sys; i = json.load(open(sys.argv[1])); print(i["ip"], *i["decoys"])' "$here/ioc.json" > gateway/internet
libraries gateway bin/webd "$(command -v tinyproxy)"
pack gateway
ls -l endpoint.cpio gateway.cpio
