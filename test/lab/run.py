#!/usr/bin/env python3
"""run.py BUILD OUT --mem MIB --cpu MODEL --append TEXT --formats LIST
Boot the gateway and the endpoint, wait for the endpoint's truth, pause it and dump it."""
import argparse
import json
import os
import socket
import subprocess
import tempfile
import time

KDUMP = {"kdump-zlib", "kdump-lzo", "kdump-snappy"}


class Qmp:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.lines = self.socket.makefile("rw")
        self.lines.readline()
        self.ask("qmp_capabilities")

    def ask(self, command, **arguments):
        self.lines.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self.lines.flush()
        while True:
            answer = json.loads(self.lines.readline())
            if "error" in answer:
                raise RuntimeError(f"{command}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]

    def monitor(self, line):
        return self.ask("human-monitor-command", **{"command-line": line})


def wait_for(what, test, machines, seconds):
    end = time.time() + seconds
    while not test():
        for m in machines:
            if m.poll() is not None:
                raise SystemExit(f"{what}: a machine stopped with {m.returncode}")
        if time.time() > end:
            raise SystemExit(f"{what}: not after {seconds} s")
        time.sleep(0.3)


def holds(path, text):
    return os.path.exists(path) and text in open(path, "rb").read()


def main():
    a = argparse.ArgumentParser()
    a.add_argument("build")
    a.add_argument("out")
    a.add_argument("--mem", type=int, default=128)
    a.add_argument("--cpu", default="max,-la57")
    a.add_argument("--append", default="")
    a.add_argument("--formats", default="raw elf")
    o = a.parse_args()
    os.makedirs(o.out, exist_ok=True)
    sockets = tempfile.mkdtemp()
    link, control = f"{sockets}/link", f"{sockets}/qmp"
    began = time.time()

    def boot(name, mem, *more):
        for f in (f"{o.out}/{name}.console.txt",):
            if os.path.exists(f):
                os.remove(f)
        return subprocess.Popen([
            "qemu-system-x86_64", "-machine", "q35", "-accel", "tcg,tb-size=256", "-cpu", o.cpu, "-m", str(mem),
            "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
            "-kernel", f"{o.build}/vmlinuz", "-initrd", f"{o.build}/{name}.cpio",
            "-append", f"console=ttyS0 quiet panic=-1 {o.append if name == 'endpoint' else ''}".strip(),
            "-serial", f"file:{o.out}/{name}.console.txt", "-device", "virtio-net-pci,netdev=n,romfile=", *more])

    truth = f"{o.out}/truth.txt"
    if os.path.exists(truth):
        os.remove(truth)
    machines = []
    try:
        machines.append(boot("gateway", 128, "-netdev", f"stream,id=n,server=on,addr.type=unix,addr.path={link}"))
        wait_for("link", lambda: os.path.exists(link), machines, 30)
        machines.append(boot(
            "endpoint", o.mem, "-netdev", f"stream,id=n,server=off,addr.type=unix,addr.path={link}",
            "-device", "virtio-serial-pci", "-chardev", f"file,id=t,path={truth}", "-device", "virtserialport,chardev=t,name=truth",
            "-device", "vmcoreinfo", "-qmp", f"unix:{control},server=on,wait=off"))
        wait_for("truth", lambda: holds(truth, b"\ndone\n"), machines, 240)
        took = {"boot_to_truth": round(time.time() - began, 1)}
        qmp = Qmp(control)
        qmp.ask("stop")
        for name, command in (("registers", "info registers -a"), ("mtree", "info mtree -f")):
            open(f"{o.out}/endpoint.{name}.txt", "w").write(qmp.monitor(command))
        able = qmp.ask("query-dump-guest-memory-capability")["formats"]
        for f in o.formats.split():
            path, at = os.path.abspath(f"{o.out}/endpoint.{f}"), time.time()
            if f == "raw":
                # as long as the last address of RAM: with more than 2 GiB q35 puts the rest above 4 GiB
                size = o.mem << 20 if o.mem <= 2048 else (4096 + o.mem - 2048) << 20
                qmp.ask("pmemsave", val=0, size=size, filename=path)
            elif f == "elf" or f in able:
                more = {"format": f} if f in KDUMP else {}
                qmp.ask("dump-guest-memory", paging=False, protocol=f"file:{path}", **more)
            else:
                print(f"this QEMU cannot write {f}: {able}")
                continue
            os.chmod(path, 0o644)
            took[f] = round(time.time() - at, 1)
            print(f"{f}: {os.path.getsize(path)} bytes, {took[f]} s", flush=True)
        machine = {"ram_mib": o.mem, "cpu": o.cpu, "smp": 1, "append": o.append, "accel": "tcg,tb-size=256", "machine": "q35",
                   "kernel": open(f"{o.build}/kernel-release").read().strip(), "vmcoreinfo_device": True, "seconds": took}
        json.dump(machine, open(f"{o.out}/machine.json", "w"))
        qmp.ask("quit")
        machines[1].wait(30)
    finally:
        for m in machines:
            if m.poll() is None:
                m.terminate()


main()
