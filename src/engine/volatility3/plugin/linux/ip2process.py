# SPDX-License-Identifier: Apache-2.0
# Part of ip2process. Uses the public plugin interface of Volatility 3; holds nothing of its code.
"""Everything that ip2process asks of a Linux image, in one run: starting Volatility costs seconds each time."""

from volatility3.framework import interfaces, renderers
from volatility3.framework.layers import intel
from volatility3.framework.objects import utility
from volatility3.framework.symbols import linux
from volatility3.framework.symbols.linux import network
from volatility3.plugins import ip2process_rows as rows
from volatility3.plugins.linux import lsof, pslist, sockstat

VM_SHARED = 0x8
# As the kernel's own limit of a program's arguments (ARG_MAX) would be 2 MiB; a report needs no more than this.
MOST_ARGUMENT_BYTES = 4096
# Volatility's name for what has none.
NAMELESS = "Anonymous Mapping"


class Ip2Process(interfaces.plugins.PluginInterface):
    """Processes, their pages, regions and sockets, for ip2process."""

    _required_framework_version = (2, 0, 0)
    _version = (1, 0, 0)

    @classmethod
    def get_requirements(cls):
        return rows.requirements_of(
            "Linux kernel",
            pslist=(pslist.PsList, (4, 0, 0)),
            sockstat=(sockstat.Sockstat, (3, 0, 0)),
            linux_net=(network.NetSymbols, (1, 0, 0)),
            lsof=(lsof.Lsof, (2, 0, 0)),
        )

    def run(self):
        return renderers.TreeGrid(rows.COLUMNS, self._rows())

    def _rows(self):
        answer = rows.Answer()
        kernel = self.config["kernel"]
        yield from rows.tolerated("system", self._system)
        self._names = {}
        for index, task in enumerate(pslist.PsList.list_tasks(self.context, kernel)):
            layer = None
            if not task.is_kernel_thread:
                layer = self.context.layers.get(rows.value(task.add_process_layer) or "")
                layer = layer and self._with_protected_pages(layer)
            table = layer.config["page_map_offset"] if layer else None
            yield from answer.part(
                "processes", "process", lambda: [self._process(task, layer, table)]
            )
            if layer is not None:
                yield from answer.memory(index, layer, table, lambda: self._regions(task))
        yield from answer.part("sockets", "sockets", self._sockets)
        yield answer.end()

    def _with_protected_pages(self, layer):
        """Volatility's own translation for Linux, also where it chose the one for any system.

        2.28.2 does so when the image holds a VMCOREINFO note, and then misses pages that are protected from any access.
        """
        if type(layer) is not intel.Intel32e:
            return layer
        name = self.context.layers.free_layer_name(layer.name + "_linux")
        path = interfaces.configuration.path_join("ip2process", name)
        for key in ("memory_layer", "page_map_offset"):
            self.context.config[interfaces.configuration.path_join(path, key)] = layer.config[key]
        better = intel.LinuxIntel32e(self.context, path, name, metadata={"os": "Linux"})
        self.context.add_layer(better)
        return better

    def _system(self):
        kernel = self.context.modules[self.config["kernel"]]
        banner = utility.array_to_string(kernel.object_from_symbol("linux_banner"), count=512)
        # "Linux version 6.1.0-50-amd64 (…"
        words = banner.split()
        yield rows.row("system", kind="linux", release=f"Linux {words[2]}" if len(words) > 2 else "Linux")

    def _process(self, task, layer, table):
        fields = pslist.PsList.get_task_fields(task)
        kernel = self.context.layers[self.context.modules[self.config["kernel"]].layer_name]
        return rows.row(
            "process",
            pid=fields.user_pid,
            parentPid=fields.user_ppid,
            name=fields.name,
            path=rows.value(lambda: self._program(task)),
            commandLine=rows.value(lambda: _command_line(task, layer)) if layer else None,
            user=None if fields.uid is None else str(int(fields.uid)),
            startTime=rows.iso(fields.creation_time),
            exitTime=None,
            isExited=layer is None and not task.is_kernel_thread,
            isHidden=False,
            isKernelThread=bool(task.is_kernel_thread),
            threads=rows.value(lambda: int(task.signal.nr_threads)),
            object=hex(kernel.canonicalize(fields.offset)),
            pageTable=table,
            session=None,
            isWow64=False,
        )

    def _program(self, task):
        return linux.LinuxUtilities.path_for_file(self.context, task, task.mm.exe_file) or None

    def _regions(self, task):
        for vma in task.mm.get_vma_iter():
            start, end = int(vma.vm_start), int(vma.vm_end)
            name = self._name(task, vma)
            is_shared = bool(int(vma.vm_flags) & VM_SHARED)
            letters = vma.get_protection()[:3] + ("s" if is_shared else "p")
            if vma.vm_file != 0:
                in_memory = is_shared and (name or "").startswith(("/dev/shm/", "/memfd:", "/SYSV"))
                yield start, end, "shared-memory" if in_memory else "file", name, letters
            elif name in ("[heap]", "[stack]"):
                yield start, end, name[1:-1], name, letters
            elif name in (None, NAMELESS):
                yield start, end, "shared-memory" if is_shared else "anonymous", None, letters
            else:
                yield start, end, "special", name, letters

    def _name(self, task, vma):
        """As Volatility names it; paths are told once for each file as a root sees it, for each costs half a millisecond."""
        if vma.vm_file == 0:
            return vma.get_name(self.context, task)
        path = rows.value(lambda: vma.vm_file.dereference().f_path)
        if path is None:
            return None
        key = rows.value(lambda: (int(path.dentry), int(path.mnt), int(task.fs.root.dentry)))
        if key not in self._names:
            self._names[key] = vma.get_name(self.context, task)
        return self._names[key]

    def _sockets(self):
        kernel = self.config["kernel"]
        network.NetSymbols.apply(
            self.context.symbol_space[self.context.modules[kernel].symbol_table_name]
        )
        found = sockstat.Sockstat.list_sockets(self.context, kernel)
        for task, _, _, family, _, protocol, (_, ends, _) in found:
            if family not in ("AF_INET", "AF_INET6") or protocol not in ("TCP", "UDP"):
                continue
            local, local_port, remote, remote_port, state = ends
            if local is None:
                continue
            yield rows.row(
                "socket",
                pid=int(task.tgid),
                protocol=protocol.lower(),
                family=6 if family == "AF_INET6" else 4,
                local=[str(local), int(local_port or 0)],
                remote=[str(remote), int(remote_port)] if remote and remote_port else None,
                state=str(state) if protocol == "TCP" else None,
            )


def _command_line(task, layer):
    start, end = int(task.mm.arg_start), int(task.mm.arg_end)
    length = min(end - start, MOST_ARGUMENT_BYTES)
    if length <= 0:
        return None
    text = layer.read(start, length).decode("utf-8", errors="replace")
    return text.rstrip("\0").replace("\0", " ") or None
