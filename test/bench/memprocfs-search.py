"""Searches every process of an image for a text, as ASCII and as UTF-16, with MemProcFS; prints "<pid> <hits>" lines.

    python memprocfs-search.py IMAGE TEXT

The Python that runs it needs `pip install memprocfs==5.17.9`, and the system libusb-1.0 (Debian: libusb-1.0-0).
"""

import ctypes
import importlib.util
import os
import sys

# The package's own libraries ask the loader for this one, which lies in the folder of another package.
folder = importlib.util.find_spec("leechcorepyc").submodule_search_locations[0]
ctypes.CDLL(os.path.join(folder, "leechcore.so"))

import memprocfs  # noqa: E402

image, text = sys.argv[1:]
vmm = memprocfs.Vmm(["-device", image, "-disable-symbolserver", "-disable-python"])
for process in vmm.process_list():
    search = process.search()
    search.add_search(text.encode())
    search.add_search(text.encode("utf-16le"))
    found = len(search.result())
    if found > 0:
        print(process.pid, found)
