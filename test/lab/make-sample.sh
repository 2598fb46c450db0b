#!/bin/bash
# make-sample.sh [-c] [-o FOLDER] [-f "FORMATS"] sample|big|la57|hard: one lab image with its truth, in FOLDER/NAME.
# -c: no new run, only more formats of the one that FOLDER/NAME has.
# FOLDER: ${TMPDIR:-/tmp}/ip2process-lab. FORMATS: see README.md; those of each NAME are below.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=${TMPDIR:-/tmp}/ip2process-lab
formats= convert=
while getopts co:f: option; do
  case $option in
    c) convert=1 ;;
    o) out=$OPTARG ;;
    f) formats=$OPTARG ;;
    *) exit 2 ;;
  esac
done
shift $((OPTIND - 1))
name=${1:-sample} mem=128 cpu=max,-la57 append=
case $name in
  sample) formats=${formats:-raw elf lime kdump-flat-zlib kdump-zlib kdump-lzo kdump-snappy kdump-zstd kdump-excluded elf-excluded} ;;
  big) formats=${formats:-raw elf lime} mem=4608 append=pti=on ;; # page-table isolation, most RAM above the 4 GiB hole
  hard) formats=${formats:-raw elf lime} append=lab.hard ;;      # innocents that hold the address and talk
  la57) formats=${formats:-raw elf lime} cpu=max ;;               # 5-level paging
  *) echo "unknown: $name" >&2; exit 2 ;;
esac

folder=$out/$name
if [ -z "$convert" ]; then
  "$here/build.sh" "$out/build"
  rm -rf "$folder"
  [[ $formats == *kdump-zlib* ]] && kdump=kdump-zlib || kdump=
  "$here/run.py" "$out/build" "$folder" --mem $mem --cpu $cpu --append "$append" --formats "raw elf $kdump"
  python3 "$here/make-truth.py" "$here/ioc.json" "$folder"
fi

packed() { # FORMAT OPTIONS...: with Debian's makedumpfile
  [ -e "$folder/build.elf" ] || python3 "$here/elf-for-makedumpfile.py" "$folder/endpoint.elf" "$folder/build.elf"
  rm -f "$folder/endpoint.$1"
  makedumpfile "${@:2}" "$folder/build.elf" "$folder/endpoint.$1" > /dev/null
}
for f in $formats; do
  to=$folder/endpoint.$f
  case $f in
    elf | kdump-flat-zlib) ;;
    raw) fallocate --dig-holes "$to" ;;
    lime) python3 "$here/to-lime.py" "$folder" ;;
    kdump-zlib) # QEMU 7.2 writes the flattened form only
      [ -e "$folder/endpoint.kdump-flat-zlib" ] || mv "$to" "$folder/endpoint.kdump-flat-zlib"
      rm -f "$to"
      makedumpfile -R "$to" < "$folder/endpoint.kdump-flat-zlib" > /dev/null ;;
    kdump-lzo) packed $f -l -d 0 ;;
    kdump-snappy | kdump-zstd) python3 "$here/recompress-kdump.py" "${f#kdump-}" "$folder/endpoint.kdump-zlib" "$to" ;;
    kdump-excluded) packed $f -c -d 31 ;; # without zero, cache, user and free pages
    elf-excluded) packed $f -E -d 17 ;;   # without zero and free pages
    *) echo "unknown format: $f" >&2; exit 2 ;;
  esac
done
rm -f "$folder/build.elf"
chmod 644 "$folder"/endpoint.*
python3 "$here/check-truth.py" "$folder"
ls -l "$folder"
