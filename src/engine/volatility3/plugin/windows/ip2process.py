# SPDX-License-Identifier: Apache-2.0
# Part of ip2process. Uses the public plugin interface of Volatility 3; holds nothing of its code.
"""Everything that ip2process asks of a Windows image, in one run: starting Volatility costs seconds each time."""

from volatility3.framework import exceptions, interfaces, renderers
from volatility3.framework.objects import utility
from volatility3.framework.symbols.windows.extensions import network
from volatility3.plugins import ip2process_rows as rows
from volatility3.plugins.windows import info, netscan, pslist, psscan, vadinfo

IMAGE_VAD = 2
# PAGE_* of the memory manager, as a region's letters; the last one tells write-copy.
ACCESS = {
    0x01: "---",
    0x02: "r--",
    0x04: "rw-",
    0x08: "r--c",
    0x10: "--x",
    0x20: "r-x",
    0x40: "rwx",
    0x80: "r-xc",
}
MOST_HEAPS = 4096
MOST_THREADS = 65536


class Ip2Process(interfaces.plugins.PluginInterface):
    """Processes, their pages, regions and sockets, for ip2process."""

    _required_framework_version = (2, 0, 0)
    _version = (1, 0, 0)

    @classmethod
    def get_requirements(cls):
        return rows.requirements_of(
            "Windows kernel",
            pslist=(pslist.PsList, (3, 0, 0)),
            psscan=(psscan.PsScan, (2, 0, 0)),
            netscan=(netscan.NetScan, (2, 0, 0)),
            vadinfo=(vadinfo.VadInfo, (2, 0, 0)),
            info=(info.Info, (2, 0, 0)),
        )

    def run(self):
        return renderers.TreeGrid(rows.COLUMNS, self._rows())

    def _rows(self):
        answer = rows.Answer()
        yield from rows.tolerated("system", self._system)
        listed = list(pslist.PsList.list_processes(self.context, self.config["kernel"]))
        processes = [(process, False) for process in listed]
        yield from answer.part(
            "psscan", "scan for processes", lambda: self._hidden(listed, processes)
        )
        self._protections = rows.value(self._read_protections, [])
        for index, (process, is_hidden) in enumerate(processes):
            yield from answer.part(
                "processes", "process", lambda: [self._process(process, is_hidden)]
            )
            # What an ended process had is given back; its tables are somebody else's frames by now.
            if rows.value(process.get_exit_time) is not None:
                continue
            layer = rows.value(process.add_process_layer)
            table = _table(process)
            if layer is not None and table is not None:
                yield from answer.memory(
                    index, self.context.layers[layer], table, lambda: self._regions(process)
                )
        yield from answer.part("sockets", "scan for sockets", self._sockets)
        yield answer.end()

    def _system(self):
        kernel = self.config["kernel"]
        user = info.Info.get_kuser_structure(self.context, kernel)
        major, minor = int(user.NtMajorVersion), int(user.NtMinorVersion)
        build = rows.value(
            lambda: int(info.Info.get_version_structure(self.context, kernel).MinorVersion)
        )
        yield rows.row(
            "system", kind="windows", release=f"Windows {major}.{minor}" + (f" build {build}" if build else "")
        )

    def _hidden(self, listed, processes):
        """Adds what the scan finds beyond the list, as an object of the kernel's address space."""
        kernel = self.context.modules[self.config["kernel"]]
        layer = self.context.layers[kernel.layer_name]
        known_virtual = {process.vol.offset for process in listed}
        known_physical = {
            rows.value(lambda: layer.translate(offset)[0]) for offset in known_virtual
        }
        for found in psscan.PsScan.scan_processes(self.context, self.config["kernel"]):
            is_virtual = found.vol.layer_name == kernel.layer_name
            if found.vol.offset in (known_virtual if is_virtual else known_physical):
                continue
            try:
                process = (
                    found
                    if is_virtual
                    else psscan.PsScan.virtual_process_from_physical(
                        self.context, self.config["kernel"], found
                    )
                )
            except exceptions.InvalidAddressException:
                process = None
            # One that has ended may have no thread to get back by: its own fields are all there is.
            processes.append((process or found, True))
        yield from ()

    def _process(self, process, is_hidden):
        exit_time = rows.value(process.get_exit_time)
        table = _table(process)
        kernel = self.context.layers[self.context.modules[self.config["kernel"]].layer_name]
        return rows.row(
            "process",
            pid=int(process.UniqueProcessId),
            parentPid=rows.value(lambda: int(process.InheritedFromUniqueProcessId)),
            name=utility.array_to_string(process.ImageFileName, errors="replace"),
            path=rows.value(lambda: _image_path(process)),
            commandLine=rows.value(lambda: _parameters(process).CommandLine.get_string()),
            user=rows.value(lambda: _user(process)),
            startTime=rows.iso(rows.value(process.get_create_time)),
            exitTime=rows.iso(exit_time),
            isExited=exit_time is not None,
            # What has ended is off the list by right.
            isHidden=is_hidden and exit_time is None,
            isKernelThread=table == kernel.config["page_map_offset"],
            threads=rows.value(lambda: int(process.ActiveThreads)),
            object=hex(kernel.canonicalize(process.vol.offset)),
            pageTable=table,
            session=rows.value(lambda: int(process.get_session_id())),
            isWow64=bool(rows.value(process.get_is_wow64, False)),
        )

    def _read_protections(self):
        kernel = self.context.modules[self.config["kernel"]]
        return [
            int(number)
            for number in vadinfo.VadInfo.protect_values(
                self.context, kernel.layer_name, kernel.symbol_table_name
            )
        ]

    def _regions(self, process):
        heaps = rows.value(lambda: _heaps(process), set())
        stacks = rows.value(lambda: _stacks(process), {})
        for vad in vadinfo.VadInfo.list_vads(process):
            start, last = vad.get_start(), vad.get_end()
            is_private = bool(rows.value(vad.get_private_memory, 0))
            file = rows.value(vad.get_file_name)
            access = self._access(vad)
            letters = access[:3] + (access[3:] or ("p" if is_private else "s"))
            thread = next((one for at, one in stacks.items() if start <= at <= last), None)
            if not is_private:
                kind = "image" if _vad_type(vad) == IMAGE_VAD else "file" if file else "shared-memory"
                yield start, last + 1, kind, file, letters
            elif start in heaps:
                yield start, last + 1, "heap", None, letters
            elif thread is not None:
                yield start, last + 1, "stack", f"[stack:{thread}]", letters
            else:
                yield start, last + 1, "anonymous", None, letters

    def _access(self, vad):
        number = rows.value(lambda: int(vad.Protection), 0)
        flags = self._protections[number] if number < len(self._protections) else 0
        return ACCESS.get(flags & 0xFF, "---")

    def _sockets(self):
        """What netscan finds and believes, with an owner."""
        kernel = self.config["kernel"]
        table = netscan.NetScan.create_netscan_symbol_table(self.context, kernel, self.config_path)
        for found in netscan.NetScan.scan(self.context, kernel, table):
            pid = rows.value(found.get_owner_pid) if found.is_valid() else None
            if not pid:
                continue
            for protocol, version, local, remote, state in _ends(found):
                yield rows.row(
                    "socket",
                    pid=int(pid),
                    protocol=protocol,
                    family=6 if version.endswith("6") else 4,
                    local=local,
                    remote=remote,
                    state=state,
                )


def _ends(found):
    """(protocol, version, local, remote, state) of a network object; more than one where it serves IPv4 and IPv6."""
    if isinstance(found, network._UDP_ENDPOINT):
        for version, local, _ in found.dual_stack_sockets():
            yield "udp", version, [str(local), int(found.Port)], None, None
    elif isinstance(found, network._TCP_ENDPOINT):
        version = "v6" if found.get_address_family() == network.AF_INET6 else "v4"
        local = rows.value(found.get_local_address)
        remote = rows.value(found.get_remote_address)
        if local and remote:
            yield (
                "tcp",
                version,
                [str(local), int(found.LocalPort)],
                [str(remote), int(found.RemotePort)],
                rows.value(lambda: str(found.State.description)),
            )
    elif isinstance(found, network._TCP_LISTENER):
        for version, local, _ in found.dual_stack_sockets():
            yield "tcp", version, [str(local), int(found.Port)], None, "LISTEN"


def _table(process):
    table = rows.value(lambda: process.Pcb.DirectoryTableBase.cast("unsigned long long"))
    # The lowest 12 bits are the PCID.
    return None if not table else int(table) & ~0xFFF


def _parameters(process):
    return process.get_peb().ProcessParameters


def _image_path(process):
    name = process.SeAuditProcessCreationInfo.ImageFileName.Name.get_string()
    return name or None


def _user(process):
    token = process.Token.dereference().cast("_TOKEN")
    return next(iter(token.get_sids()), None)


def _heaps(process):
    peb = process.get_peb()
    count = min(int(peb.NumberOfHeaps), MOST_HEAPS)
    layer = process._context.layers[process.add_process_layer()]
    at = int(peb.ProcessHeaps)
    return {
        int.from_bytes(layer.read(at + 8 * number, 8), "little") for number in range(count)
    }


def _stacks(process):
    """The last byte of each thread's stack, and the thread."""
    layer_name = process.add_process_layer()
    table = process.get_symbol_table_name()
    stacks = {}
    threads = process.ThreadListHead.to_list(f"{table}!_ETHREAD", "ThreadListEntry")
    for number, thread in enumerate(threads):
        if number == MOST_THREADS:
            break
        base = rows.value(
            lambda: int(
                process._context.object(
                    f"{table}!_TEB", layer_name=layer_name, offset=int(thread.Tcb.Teb)
                ).NtTib.StackBase
            )
        )
        if base:
            stacks[base - 1] = rows.value(lambda: int(thread.Cid.UniqueThread), 0)
    return stacks


def _vad_type(vad):
    flags = vad.u if vad.has_member("u") else vad.Core.u
    return rows.value(lambda: int(flags.VadFlags.VadType), 0)

