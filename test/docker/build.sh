#!/bin/sh
# build.sh FOLDER: the container image of ../../Dockerfile, made without a Docker engine and without a registry of images.
# Afterwards FOLDER/root holds its files, and FOLDER/size says how large it is. Needs root, and of Debian: buildah debootstrap.
set -eu
repository=$(cd "$(dirname "$0")/../.." && pwd)
mkdir -p "$1"
cd "$1"
export BUILDAH_ISOLATION=chroot
buildah() { command buildah --root "$PWD/store" --runroot "$PWD/run" --storage-driver vfs "$@"; }

# What the Dockerfile begins FROM, as its makers make it: debootstrap, less what the "slim" variant leaves out.
from=$(sed -n 's/^FROM \([^ ]*\).*/\1/p' "$repository/Dockerfile" | head -n 1)
suite=${from#debian:}
suite=${suite%-slim}
if ! buildah images --quiet "docker.io/library/$from" >/dev/null 2>&1; then
  rm -rf base
  debootstrap --variant=minbase "$suite" base >debootstrap.log
  for left_out in doc man info locale groff lintian linda; do rm -rf "base/usr/share/$left_out"/*; done
  rm -rf base/var/lib/apt/lists/* base/var/cache/apt/* base/var/log/*.log
  container=$(buildah from scratch)
  buildah add --quiet "$container" base / >/dev/null
  buildah commit --quiet --rm "$container" "docker.io/library/$from" >/dev/null
  rm -rf base
fi

(cd "$repository" && node src/build.mjs)
# Its last stage is the first one again; older versions of buildah would build what stands between, too.
buildah build --pull-never --quiet --target plain --tag ip2process/ip2process "$repository" >build.log 2>&1 || { cat build.log >&2; exit 1; }
buildah images --format '{{.Name}} {{.Size}}' | tee size
buildah inspect --type image --format '{{.OCIv1.Config.Entrypoint}}' ip2process/ip2process >entrypoint

container=$(buildah from --pull-never ip2process/ip2process)
rm -rf root
cp -a "$(buildah mount "$container")" root
buildah rm "$container" >/dev/null
