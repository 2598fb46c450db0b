#!/usr/bin/env python3
"""check-truth.py FOLDER: walk the page tables in FOLDER/endpoint.raw and compare with what the guest's kernel told.

Uses nothing of the kernel's structures and nothing of the truth to find the page tables: CR3 (from the registers at the dump)
names one top table; every process's top table has the same kernel half. A process of the truth belongs to the table whose
user half agrees with it best; every (va, pfn) that does not agree is listed, and every hit is read through the walk."""
import collections
import gzip
import json
import mmap
import re
import struct
import sys

PAGE = 4096
FRAME = 0xFFFFFFFFFF000
folder = sys.argv[1]
image = open(f"{folder}/endpoint.raw", "rb")
raw = mmap.mmap(image.fileno(), 0, access=mmap.ACCESS_READ)
registers = open(f"{folder}/endpoint.registers.txt").read()
cr3 = int(re.search(r"CR3=([0-9a-f]+)", registers)[1], 16) & FRAME & ~PAGE  # without the user half of page-table isolation
levels = 5 if int(re.search(r"CR4=([0-9a-f]+)", registers)[1], 16) >> 12 & 1 else 4
truth = json.load(open(f"{folder}/truth.json"))
ram = truth["machine"]["ram_ranges"]


def table(at):
    return struct.unpack_from("<512Q", raw, at) if at + PAGE <= len(raw) else (0,) * 512


def walk(at, level, va, pages, last=512):
    for i, e in enumerate(table(at)[:last]):
        here = va | i << (12 + 9 * level)
        if not e & 1:
            # PROT_NONE: not present, bit 8 set, and the frame number inverted (against L1TF)
            if level == 0 and e & 0x100:
                pages[here] = (~e & FRAME) // PAGE
        elif level and not e & 0x80:
            walk(e & FRAME, level - 1, here, pages)
        else:
            first = (e & FRAME) // PAGE & -(1 << 9 * level)
            for n in range(1 << 9 * level):
                pages[here + n * PAGE] = first + n


kernel_half = raw[cr3 + PAGE // 2:cr3 + PAGE]
filled = [i for i in range(256) if any(kernel_half[8 * i:8 * i + 8])]
tops = []
for start, end in ram:
    for at in range(start, end, PAGE):
        half = raw[at + PAGE // 2:at + PAGE]
        if half[8 * filled[-1]:] == kernel_half[8 * filled[-1]:] and sum(half[8 * i:8 * i + 8] == kernel_half[8 * i:8 * i + 8] for i in filled) >= len(filled) - 1:
            tops.append(at)
maps = {}
for at in tops:
    maps[at] = {}
    walk(at, levels - 1, 0, maps[at], 256)
print(f"{levels} levels, CR3 {cr3:x}: {len(tops)} top tables, {sum(1 for m in maps.values() if m)} with user pages")

told = collections.defaultdict(dict)
for line in gzip.open(f"{folder}/pages.tsv.gz", "rt"):
    if line[0] != "#":
        pid, va, pfn, n, _ = line.split("\t")
        for i in range(int(n)):
            told[int(pid)][int(va, 16) + i * PAGE] = int(pfn, 16) + i
vmas = collections.defaultdict(list)
for line in gzip.open(f"{folder}/vmas.tsv.gz", "rt"):
    if line[0] != "#":
        pid, start, end, perms, _, name = line.rstrip("\n").split("\t")
        vmas[int(pid)].append((int(start, 16), int(end, 16), perms, name))

comm = {p["pid"]: p["comm"] for p in truth["processes"]}
walked, wrong, total = {}, 0, 0
for pid, pages in sorted(told.items()):
    score = {at: sum(m.get(va) == pfn for va, pfn in pages.items()) for at, m in maps.items()}
    at = max(score, key=score.get)
    m = walked[pid] = maps[at]
    total += len(pages)
    wrong += len(pages) - score[at]
    more = sorted(set(m) - set(pages))
    print(f"{pid:6} {comm[pid]:16} top table {at:9x}: {score[at]} of {len(pages)} pages agree, {len(more)} more in the tables")
    for va, pfn in sorted(pages.items()):
        if m.get(va) != pfn:
            print(f"       {va:x}: told {pfn:x}, walked {m.get(va, 0):x}", [v[2:] for v in vmas[pid] if v[0] <= va < v[1]])
    for va in more:
        print(f"       {va:x}: not told, walked {m[va]:x}", [v[2:] for v in vmas[pid] if v[0] <= va < v[1]])

ip, v6 = truth["ioc"]["ip"], truth["ioc"]["v6"]
texts = {"ascii": ip.encode(), "utf16le": ip.encode("utf-16-le"), "near_short": ip[:-1].encode(), "near_x": ip.replace(".", "x").encode(),
         "v6_short": v6[0].encode(), "v6_long": v6[1].encode(), "proxy": truth["ioc"]["proxy"].encode(), "bin4": bytes(map(int, ip.split(".")))}


def read(m, va, n):
    out = b""
    while n:
        part = min(n, PAGE - va % PAGE)
        at = m[va & -PAGE] * PAGE + va % PAGE
        out, va, n = out + raw[at:at + part], va + part, n - part
    return out


bad = [h for h in truth["hits"] if read(walked[h["pid"]], h["va"], len(texts[h["form"]])) != texts[h["form"]]]
for h in bad:
    print("hit not there:", h)
print(f"pages: {total - wrong} of {total} agree; hits: {len(truth['hits']) - len(bad)} of {len(truth['hits'])} read through the walk")

# the other direction: every place of the raw image that has a text, and whose it is
owned = collections.defaultdict(set)
for h in truth["hits"]:
    owned[h["form"], h["phys"]].add(h["comm"])
for h in truth["ghost"]["hits_before_kill"]:
    owned[h["form"], h["phys"]].add("ghost")
for h in truth["page_cache"]["hits"]:
    owned[h["form"], h["phys"]].add("page cache")
phantoms = [int(s[3], 16) * PAGE + int(s[1], 16) % PAGE for s in truth["straddled_setup"] if s[0] == "phantom"]
flags = [(int(a, 16), int(n), names) for a, n, _, names in (l.rstrip("\n").split("\t") for l in gzip.open(f"{folder}/kpageflags.tsv.gz", "rt") if l[0] != "#")]
count = collections.Counter()
for form in ("ascii", "utf16le", "bin4", "v6_short", "v6_long"):
    at = raw.find(texts[form])
    while at >= 0:
        whose = owned.get((form, at)) or ({"phantom"} if at in phantoms else {"nobody: " + next((f for a, n, f in flags if a <= at // PAGE < a + n), "?")})
        count[form, "+".join(sorted(whose))] += 1
        at = raw.find(texts[form], at + 1)
for (form, whose), n in sorted(count.items()):
    print(f"{form:8} {n:4} {whose}")
sys.exit(bool(wrong or bad))
