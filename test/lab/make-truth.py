#!/usr/bin/env python3
"""make-truth.py IOC FOLDER: FOLDER/truth.txt (from the guest) and machine.json -> truth.json and .tsv.gz files."""
import collections
import gzip
import json
import re
import socket
import struct
import sys

PAGE = 4096
FLAGS = ["locked", "error", "referenced", "uptodate", "dirty", "lru", "active", "slab", "writeback", "reclaim", "buddy", "mmap", "anon",
         "swapcache", "swapbacked", "comp_head", "comp_tail", "huge", "unevictable", "hwpoison", "nopage", "ksm", "thp", "offline",
         "zero_page", "idle", "pgtable"]
# what each program is for: (does it talk to the address?, the case)
CASES = {
    "beacond": (True, "beacon: plain GETs and a tunnel kept open; strings on the heap"),
    "kworker/0:2-mm_": (True, "beacon under a kernel worker's name, no command line; a tunnel kept open"),
    "updaterd": (False, "talks through the same proxy to another host, tunnel kept open"),
    "feedd": (False, "holds a list of addresses to block, and talks through the proxy to another host"),
    "alertd": (False, "holds an alert that quotes the beacon's request, and talks through the proxy to another host"),
    "scriptd": (False, "administrator's terminal: carries what is typed about the address"),
    "sh": (False, "administrator's shell: the address was typed in it"),
    "logmmapd": (False, "mapped a log that has the address"),
    "logreadd": (False, "only read() a log that has the address: page cache only"),
    "shmd": (False, "shared memory, the writer"),
    "shmreader": (False, "shared memory, the reader"),
    "forkcowd": (False, "one page shared copy-on-write by parent and child"),
    "mtagent": (False, "in one thread's stack"),
    "protnoned": (False, "in a PROT_NONE page"),
    "wided": (False, "UTF-16LE only"),
    "straddled": (False, "across two frames that are not neighbours (ASCII and UTF-16LE), and a phantom"),
    "nearmissd": (False, "near misses only"),
    "thpd": (False, "in a 2 MiB page"),
    "binaddrd": (False, "the bare four bytes only"),
    "v6holder": (False, "IPv6 in two spellings"),
    "nsagent": (False, "in its own PID namespace"),
}


def names(flags):
    return [n for bit, n in enumerate(FLAGS) if flags >> bit & 1]


def address(text):
    ip, port = text.split(":")
    return f"{socket.inet_ntoa(struct.pack('<I', int(ip, 16)))}:{int(port, 16)}"


def tsv(path, header, rows):
    with open(path, "wb") as f, gzip.GzipFile("", "wb", 9, f, 0) as z:
        z.write(("#" + "\t".join(header) + "\n" + "".join("\t".join(map(str, r)) + "\n" for r in rows)).encode())


def main():
    ioc, folder = json.load(open(sys.argv[1])), sys.argv[2]
    lines = collections.defaultdict(list)
    for line in open(f"{folder}/truth.txt", encoding="utf-8", errors="replace"):
        tag, _, rest = line.rstrip("\n").partition("\t")
        lines[tag].append(rest.split("\t"))
    runs = [(int(a, 16), int(n), int(f, 16)) for a, n, f in lines["flags"]]

    def frame_flags(pfn):
        return next((names(f) for a, n, f in runs if a <= pfn < a + n), [])

    processes = {}
    for pid, ppid, state, kernel, uid, start, comm, exe, cmdline in lines["process"]:
        p = processes[int(pid)] = {
            "pid": int(pid), "ppid": int(ppid), "state": state, "start_ticks": int(start), "uid": int(uid), "kernel_thread": kernel == "1", "comm": comm,
            "threads": [], "vmas": 0, "resident_pages": 0, "hits": collections.Counter(), "cmdline": cmdline}
        if exe:
            p["exe"] = exe
        if comm in CASES and kernel == "0":
            p["talks"], p["case"] = CASES[comm]
    for pid, tid, comm in lines["thread"]:
        processes[int(pid)]["threads"].append({"tid": int(tid), "comm": comm})
    for pid, *_ in lines["vma"]:
        processes[int(pid)]["vmas"] += 1
    for pid, _, _, n, _ in lines["pages"]:
        processes[int(pid)]["resident_pages"] += int(n)

    hits = []
    for pid, form, va, pfn, pfn_end, bounded, before, after, kind, perms, vma in lines["hit"]:
        if form == "near_short" and bounded == "0":
            continue  # the beginning of the address itself
        pid, va, pfn, pfn_end = int(pid), int(va, 16), int(pfn, 16), int(pfn_end, 16)
        hits.append({
            "pid": pid, "comm": processes[pid]["comm"], "form": form, "va": va, "phys": pfn * PAGE + va % PAGE, "pfn": pfn, "pfn_end": pfn_end,
            "straddles": va % PAGE > PAGE - 64 and pfn != pfn_end, "bounded": bounded == "1", "prev": before, "next": after,
            "file_or_shared": bool(int(kind) & 2), "exclusive": bool(int(kind) & 1), "vma": vma, "perms": perms, "page_flags": frame_flags(pfn)})
        processes[pid]["hits"][form if bounded == "1" else form + "!unbounded"] += 1

    ghost_pid = next((p["pid"] for p in processes.values() if p["comm"] == "ghostd"), None)
    after_kill = {int(pfn, 16): names(int(f, 16)) for pfn, f in lines["ghost_flags"]}
    ghost = {"pid": ghost_pid, "killed_before_dump": True, "note": "pages were freed; page_flags are those after the kill",
             "hits_before_kill": [h | {"page_flags": after_kill.get(h["pfn"], [])} for h in hits if h["pid"] == ghost_pid]}
    hits = [h for h in hits if h["pid"] != ghost_pid]
    processes.pop(ghost_pid, None)

    files, file_pages = [], {}
    for path, size in lines["file"]:
        files.append({"path": path, "size": int(size), "resident_pages": 0})
    for path, offset, pfn in lines["file_page"]:
        file_pages[path, int(offset, 16)] = int(pfn, 16)
    for f in files:
        f["resident_pages"] = sum(1 for path, _ in file_pages if path == f["path"])
    file_hits = []
    for path, form, offset, bounded in lines["file_hit"]:
        if form == "near_short" and bounded == "0":
            continue
        offset = int(offset, 16)
        pfn = file_pages[path, offset // PAGE * PAGE]
        end = file_pages.get((path, (offset + 13) // PAGE * PAGE), pfn)
        file_hits.append({"path": path, "form": form, "file_offset": offset, "pfn": pfn, "pfn_end": end, "phys": pfn * PAGE + offset % PAGE, "bounded": bounded == "1"})

    inodes = {text[8:-1]: pid for pid, text in lines["socket"]}
    sockets = collections.defaultdict(list)
    for (line,) in lines["tcp"]:
        f = line.split()
        if f[0] != "sl" and f[9] in inodes:
            sockets[inodes[f[9]]].append(f"{address(f[1])} -> {address(f[2])} {f[3]}")

    traffic = collections.Counter()
    for line in open(f"{folder}/gateway.console.txt", errors="replace"):
        m = re.search(r"asked (\S+) (?:GET \S*agent=|ping )(\w+)", line)
        if m:
            traffic[m[2], m[1]] += 1

    machine = json.load(open(f"{folder}/machine.json"))
    machine["system_ram"] = [[int(a, 16), int(b, 16) + 1] for (line,) in lines["iomem"] for a, b in re.findall(r"^([0-9a-f]+)-([0-9a-f]+) : System RAM", line)]
    low = min(machine["ram_mib"], 2048) << 20
    machine["ram_ranges"] = [[0, low]]
    if machine["ram_mib"] > 2048:
        machine["ram_ranges"] = [[0, 2048 << 20], [4 << 30, (4 << 30) + ((machine["ram_mib"] - 2048) << 20)]]
    distinct = {form: len({h["phys"] for h in hits if h["form"] == form and h["bounded"]}) for form in sorted({h["form"] for h in hits})}
    truth = {
        "about": "ground truth of a guest; see test/lab/README.md", "ioc": ioc, "machine": machine, "helper_pid": int(lines["helper"][0][0]),
        "taken": {k: v for k, v in lines["time"]}, "processes": [processes[p] for p in sorted(processes)], "hits": hits,
        "distinct_physical_hits": distinct, "ghost": ghost, "page_cache": {"files": files, "hits": file_hits},
        "straddled_setup": [line[0].split() for line in lines["setup"]], "swapped": len(lines["swapped"]), "unreadable_resident": len(lines["unreadable"]),
        "tcp_sockets": sockets, "traffic": [{"program": a, "to": to, "requests": n} for (a, to), n in sorted(traffic.items())]}
    with open(f"{folder}/truth.json", "w") as f:
        f.write("{\n" + ",\n".join(
            f'"{k}": ' + ("[\n" + ",\n".join(json.dumps(e) for e in v) + "\n]" if isinstance(v, list) and v else json.dumps(v)) for k, v in truth.items()) + "\n}\n")
    # the columns of the tables: numbers in hexadecimal but for pids and counts
    tsv(f"{folder}/pages.tsv.gz", ["pid", "va", "pfn", "pages", "flags(1=file/shared,2=exclusive)"], [r for r in lines["pages"] if int(r[0]) != ghost_pid])
    tsv(f"{folder}/vmas.tsv.gz", ["pid", "start", "end", "perms", "offset", "name"], [r for r in lines["vma"] if int(r[0]) != ghost_pid])
    tsv(f"{folder}/kpageflags.tsv.gz", ["pfn", "pages", "flags", "names"], [(f"{a:x}", n, f"{f:x}", ",".join(names(f))) for a, n, f in runs])


main()
