#!/usr/bin/env python3
"""Makes layout-table.ts: the few offsets and addresses of each build that the builder writes by.

    make-layouts.py ISF_FOLDER WINDOWS_OFFSETS_JSON > layout-table.ts

A build with a Volatility 3 symbol table (ISF) takes every value from it, and a difference from the offsets table is told on
standard error. Builds without one take the offsets table, and what that lacks from the build named as its model: derived.
"""
import json, lzma, os, sys

BUILDS = {  # build: (kernel version, PDB GUID, age, offsets group, model)
    7601: ("6.1.7601.24540", "339E74133576439CBCDF7E0229DA3773", "x64-7601a", None),
    9600: ("6.3.9600.21620", "169C65213E3E42DDBEB4E3AC66312B82", "x64-9600c", None),
    14393: ("10.0.14393.6343", "DBBC830E3E9A48FDA25A2144C146930E", "x64-14393b", None),
    17763: ("10.0.17763.5933", "1806D020A6E46538D7AC3325FAC114D8", "x64-17763a", None),
    18362: ("10.0.18362.836", "DCA4AD4BEEB4746D48F84C0125019E43", "x64-18326a", None),
    19041: ("10.0.19041.985", "992A9A48F30EC2C58B01A5934DCE2D9C", "x64-19041a", None),
    22000: ("10.0.22000.978", "3A8B1DB835728BA8FCE9470C0A20BAD7", "x64-20348a", None),
    # Derived: no symbol table, so GUIDs that no kernel has.
    22621: ("10.0.22621.1", "00002262100000000000000000000001", "x64-20348a", 22000),
    26100: ("10.0.26100.1", "00002610000000000000000000000001", "x64-26100a", 22000),
}

OFFSETS = """
CONTROL_AREA.FilePointer CONTROL_AREA.NumberOfMappedViews CONTROL_AREA.NumberOfSectionReferences CONTROL_AREA.Segment CONTROL_AREA.u
EPROCESS.ActiveProcessLinks EPROCESS.ActiveThreads EPROCESS.CreateTime EPROCESS.ExitStatus EPROCESS.ExitTime
EPROCESS.ImageFileName EPROCESS.ImageFilePointer EPROCESS.InheritedFromUniqueProcessId EPROCESS.ObjectTable EPROCESS.Peb
EPROCESS.PriorityClass EPROCESS.SeAuditProcessCreationInfo EPROCESS.SectionBaseAddress EPROCESS.SectionObject EPROCESS.Session
EPROCESS.ThreadListHead EPROCESS.Token EPROCESS.UniqueProcessId EPROCESS.VadCount EPROCESS.VadHint EPROCESS.VadRoot
EPROCESS.VirtualSize EPROCESS.Wow64Process
ETHREAD.Cid ETHREAD.CreateTime ETHREAD.StartAddress ETHREAD.ThreadListEntry ETHREAD.Win32StartAddress
EWOW64PROCESS.Peb EWOW64PROCESS.Machine FILE_OBJECT.DeviceObject FILE_OBJECT.FileName FILE_OBJECT.SectionObjectPointer
HANDLE_TABLE.HandleTableList HANDLE_TABLE.QuotaProcess HANDLE_TABLE.TableCode HANDLE_TABLE.UniqueProcessId
KPROCESS.AddressPolicy KPROCESS.DirectoryTableBase KPROCESS.ProfileListHead KPROCESS.ThreadListHead KPROCESS.UserDirectoryTableBase
KTHREAD.Process KTHREAD.StackBase KTHREAD.StackLimit KTHREAD.Teb KTHREAD.ThreadListEntry
LDR_DATA_TABLE_ENTRY.BaseDllName LDR_DATA_TABLE_ENTRY.DllBase LDR_DATA_TABLE_ENTRY.FullDllName LDR_DATA_TABLE_ENTRY.SizeOfImage
MMPFN.OriginalPte MMPFN.PteAddress MMPFN.u1 MMPFN.u2 MMPFN.u3 MMPFN.u4
MMVAD.FileObject MMVAD.FirstPrototypePte MMVAD.LastContiguousPte MMVAD.Subsection MMVAD.VadsProcess
MMVAD_SHORT.CommitCharge MMVAD_SHORT.EndingVpn MMVAD_SHORT.EndingVpnHigh MMVAD_SHORT.LeftChild MMVAD_SHORT.StartingVpn
MMVAD_SHORT.StartingVpnHigh MMVAD_SHORT.u MMVAD_SHORT.u1 MMVAD_SHORT.u5
OBJECT_HEADER.HandleCount OBJECT_HEADER.InfoMask OBJECT_HEADER.PointerCount OBJECT_HEADER.TypeIndex
OBJECT_TYPE.Index OBJECT_TYPE.Name
PEB.ImageBaseAddress PEB.Ldr PEB.OSBuildNumber PEB.OSMajorVersion PEB.OSMinorVersion PEB.ProcessHeap PEB.NumberOfHeaps PEB.ProcessHeaps
PEB.ProcessParameters PEB.SessionId PEB_LDR_DATA.InLoadOrderModuleList
PEB_LDR_DATA.InInitializationOrderModuleList PEB_LDR_DATA.InMemoryOrderModuleList
RTL_USER_PROCESS_PARAMETERS.CommandLine RTL_USER_PROCESS_PARAMETERS.CurrentDirectory RTL_USER_PROCESS_PARAMETERS.Environment
RTL_USER_PROCESS_PARAMETERS.EnvironmentSize RTL_USER_PROCESS_PARAMETERS.Flags RTL_USER_PROCESS_PARAMETERS.ImagePathName
SEGMENT.ControlArea SEGMENT.PrototypePte SEGMENT.SizeOfSegment SEGMENT.TotalNumberOfPtes
SUBSECTION.ControlArea SUBSECTION.NextSubsection SUBSECTION.PtesInSubsection SUBSECTION.SubsectionBase
TOKEN.UserAndGroups TOKEN.UserAndGroupCount MM_SESSION_SPACE.SessionId
""".split()
BITS = """
MMPFN.u4.PteFrame MMPFN.u4.PrototypePte MMPFN.u4.PfnExists MMPFN.u4.PageIdentity
MMPTE_PROTOTYPE.Protection MMPTE_PROTOTYPE.SwizzleBit MMPTE_SOFTWARE.PageFileLow
MMVAD_FLAGS.CommitCharge MMVAD_FLAGS.MemCommit MMVAD_FLAGS.PrivateMemory MMVAD_FLAGS.Protection MMVAD_FLAGS.VadType
""".split()
SIZES = "CONTROL_AREA EPROCESS ETHREAD KPROCESS MMPFN MMVAD MMVAD_SHORT SUBSECTION SEGMENT FILE_OBJECT HANDLE_TABLE".split()
SYMBOLS = """
CmNtCSDVersion KdDebuggerDataBlock KdVersionBlock KeNumberProcessors KiInitialProcess MmPfnDatabase MmProtectToValue NtBuildLab
NtBuildNumber ObHeaderCookie ObTypeIndexTable PsActiveProcessHead PsIdleProcess PsInitialSystemProcess PsLoadedModuleList
""".split()


def member(isf, name, struct=None):
    """Offset of STRUCT.Field or STRUCT.union.Field, through unnamed unions; None where the field does not exist."""
    struct, _, path = name.partition(".")
    offset, bit = 0, None
    kind = "_" + struct
    for part in path.split("."):
        found = find(isf, kind, part)
        if found is None:
            return None
        step, field = found
        offset += step
        bit = field["type"] if field["type"]["kind"] == "bitfield" else None
        kind = field["type"].get("name")
    return offset, bit


def find(isf, kind, part):
    fields = isf["user_types"].get(kind, {"fields": {}})["fields"]
    if part in fields:
        return fields[part]["offset"], fields[part]
    for name, field in fields.items():
        if field.get("anonymous") or name.startswith("unnamed") or name.startswith("__unnamed"):
            inner = find(isf, field["type"]["name"], part)
            if inner:
                return field["offset"] + inner[0], inner[1]
    return None


ALIASES = {  # what the offsets table calls it: what the symbol table calls it
    "MMVAD_SHORT.LeftChild": "MMVAD_SHORT.VadNode",
    "ETHREAD.CreateTime": "ETHREAD.CreateTime",
}


def main():
    isf_folder, table_path = sys.argv[1:]
    table = json.load(open(table_path))
    groups = {group["id"]: group for group in table["groups"]}
    layouts = {}
    for build, (version, guid, group_id, model) in BUILDS.items():
        group = groups[group_id]
        path = os.path.join(isf_folder, f"{guid}-1.json.xz")
        isf = json.load(lzma.open(path)) if os.path.exists(path) else None
        if isf is None and model is None:
            raise SystemExit(f"Cannot make the layout of {build}: no {path}")
        offsets, bits, sizes = {}, {}, {}
        for name in OFFSETS:
            told = group["offsets"].get(name)
            found = isf and (member(isf, name) or (name in ALIASES and member(isf, ALIASES[name])) or None)
            if found and told is not None and found[0] != told:
                print(f"{build} {name}: symbols {found[0]:#x}, table {told:#x}", file=sys.stderr)
            value = found[0] if found else told
            if value is None and model:
                value = layouts[model]["offsets"].get(name)
            if value is not None:
                offsets[name] = value
        for name in BITS:
            told = group["bits"].get(name)
            found = isf and member(isf, name.replace("MMPFN.u4.", "MMPFN.u4."))
            found = [found[1]["bit_position"], found[1]["bit_length"]] if found and found[1] else None
            if found and told and found != told:
                print(f"{build} {name}: symbols {found}, table {told}", file=sys.stderr)
            value = found or told
            if value is None and model:
                value = layouts[model]["bits"].get(name)
            if value:
                bits[name] = value
        for name in SIZES:
            told = group["sizes"].get(name) or (group["eprocessSizes"][-1] if name == "EPROCESS" else None)
            value = isf["user_types"]["_" + name]["size"] if isf else told
            if value is None and model:
                value = layouts[model]["sizes"][name]
            sizes[name] = value
        symbols = (
            {name: isf["symbols"][name]["address"] for name in SYMBOLS if name in isf["symbols"]}
            if isf
            else layouts[model]["symbols"]
        )
        layouts[build] = {
            "version": version,
            "witness": "ISF" if isf else "derived",
            "guid": guid,
            "offsets": offsets,
            "bits": bits,
            "sizes": sizes,
            "symbols": symbols,
        }
    print_table(layouts)


def print_table(layouts):
    """One row a field, one column a build; hexadecimal, bits as first+count, - where the build has no such field."""
    rows = [["build"] + [str(build) for build in layouts]]
    for key in ("version", "witness", "guid"):
        rows.append([key] + [layout[key] for layout in layouts.values()])
    for kind, names, text in (
        ("offset", OFFSETS, lambda value: f"{value:x}"),
        ("bits", BITS, lambda value: f"{value[0]}+{value[1]}"),
        ("size", SIZES, lambda value: f"{value:x}"),
        ("symbol", SYMBOLS, lambda value: f"{value:x}"),
    ):
        of = {"offset": "offsets", "size": "sizes", "symbol": "symbols"}.get(kind, kind)
        for name in names:
            values = [layout[of].get(name) for layout in layouts.values()]
            if any(value is not None for value in values):
                cells = ["-" if value is None else text(value) for value in values]
                rows.append([f"{kind} {name}"] + cells)
    print("/** Made by make-layouts.py: per build, where the kernel has what the builder writes. Not for hands. */")
    print("export const LAYOUT_TABLE = `")
    for row in rows:
        print(" | ".join(row))
    print("`;")


main()
