#!/usr/bin/env python3
"""recompress-kdump.py snappy|zstd FROM TO: a kdump whose pages are packed with zlib (or not at all), with its pages packed anew, for
the forms that Debian's makedumpfile is built without. Headers and bitmaps are kept as they are."""
import ctypes
import ctypes.util
import struct
import sys
import zlib

PAGE, ZLIB, LZO, SNAPPY, ZSTD = 4096, 0x1, 0x2, 0x4, 0x20
kind, source, target = sys.argv[1:]
library = ctypes.CDLL(ctypes.util.find_library(kind))
room = ctypes.create_string_buffer(2 * PAGE)


def pack(page):
    if kind == "zstd":
        library.ZSTD_compress.restype = ctypes.c_size_t
        n = library.ZSTD_compress(room, ctypes.c_size_t(len(room)), page, ctypes.c_size_t(PAGE), 1)
    else:
        size = ctypes.c_size_t(len(room))
        assert library.snappy_compress(page, ctypes.c_size_t(PAGE), room, ctypes.byref(size)) == 0
        n = size.value
    return (room.raw[:n], SNAPPY if kind == "snappy" else ZSTD) if n < PAGE else (page, 0)


image = open(source, "rb").read()
assert image[:8] == b"KDUMP   "
# disk_dump_header: signature, version, 6 x 65 bytes of utsname, padding, timeval, status, block size, sub-header blocks, bitmap blocks
status, block, sub, bitmaps = struct.unpack_from("<IiiI", image, 8 + 4 + 6 * 65 + 6 + 16)
assert block == PAGE
bitmap = image[(1 + sub) * block + bitmaps // 2 * block:(1 + sub + bitmaps) * block]  # the second half: the pages in the file
count = sum(byte.bit_count() for byte in bitmap)
first = (1 + sub + bitmaps) * block
with open(target, "wb") as out:
    header = bytearray(image[:first])
    struct.pack_into("<I", header, 8 + 4 + 6 * 65 + 6 + 16, status & ~(ZLIB | LZO | SNAPPY | ZSTD) | (SNAPPY if kind == "snappy" else ZSTD))
    out.write(header)
    table, at = bytearray(), first + 24 * count
    out.seek(at)
    kept = {}  # one place for pages that the source keeps once (the zero page)
    for i in range(count):
        offset, size, flags, page_flags = struct.unpack_from("<QIIQ", image, first + 24 * i)
        if offset not in kept:
            page = image[offset:offset + size]
            data, how = pack(zlib.decompress(page) if flags & ZLIB else page)
            kept[offset] = (at, len(data), how)
            at += out.write(data)
        table += struct.pack("<QIIQ", *kept[offset], page_flags)
    out.seek(first)
    out.write(table)
