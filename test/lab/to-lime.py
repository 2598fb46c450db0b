#!/usr/bin/env python3
"""to-lime.py FOLDER: FOLDER/endpoint.raw -> endpoint.lime, the "System RAM" ranges of the guest's /proc/iomem as the LiME
module writes them: a header of 32 bytes (magic, version 1, first address, last address, reserved), then the bytes."""
import json
import struct
import sys

folder = sys.argv[1]
with open(f"{folder}/endpoint.raw", "rb") as raw, open(f"{folder}/endpoint.lime", "wb") as lime:
    for start, end in json.load(open(f"{folder}/truth.json"))["machine"]["system_ram"]:
        lime.write(struct.pack("<IIQQQ", 0x4C694D45, 1, start, end - 1, 0))
        raw.seek(start)
        left = end - start
        while left:
            left -= lime.write(raw.read(min(left, 1 << 24)))
