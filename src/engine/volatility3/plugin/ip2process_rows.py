# SPDX-License-Identifier: Apache-2.0
# Part of ip2process. Uses the public plugin interface of Volatility 3; holds nothing of its code.
"""What the plugins of ip2process say, row by row: a kind and a record as JSON.

Kinds: system, process, pages, regions, sockets, warning, end. `end` is the last one: an answer without it was cut off.
src/engine/volatility3/rows.ts reads them.
"""

import array
import base64
import json
import sys
import time

from volatility3.framework import exceptions, interfaces
from volatility3.framework.configuration import requirements

COLUMNS = [("Kind", str), ("Record", str)]

PAGE_SHIFT = 12
USER_END = 1 << 47
# Runs of one row: 24 bytes each, so a row stays well below a mebibyte.
RUNS_OF_A_ROW = 16384
REGIONS_OF_A_ROW = 2048
# Of one process: a tree without an end is damage.
MOST_REGIONS = 1 << 17
MOST_RUNS = 1 << 23


def row(kind, /, **record):
    return 0, (kind, json.dumps(record, ensure_ascii=False, separators=(",", ":")))


def warning(text):
    return row("warning", text=text)


def pages(layer, table):
    """The pages that Volatility's own translation finds in the user half, as runs of (page, frame, pages).

    Numbers are doubles: exact for every page and frame, and read without a loop.
    """
    memory = layer.config["memory_layer"]
    runs = array.array("d")
    total = 0
    for offset, _, mapped, length, mapped_layer in layer.mapping(
        0, USER_END, ignore_errors=True
    ):
        # Paging files are no part of the image.
        if mapped_layer != memory:
            continue
        if total == MOST_RUNS:
            yield warning(f"Page table {table:#x} has more than {MOST_RUNS} runs of pages")
            break
        total += 1
        runs.extend((offset >> PAGE_SHIFT, mapped >> PAGE_SHIFT, length >> PAGE_SHIFT))
        if len(runs) == 3 * RUNS_OF_A_ROW:
            yield _pages_row(table, runs)
            runs = array.array("d")
    if runs:
        yield _pages_row(table, runs)


def _pages_row(table, runs):
    if sys.byteorder != "little":
        runs.byteswap()
    return row("pages", table=table, runs=base64.b64encode(runs.tobytes()).decode("ascii"))


def regions(process, found):
    """`found`: tuples (start, end, kind, name, protection), in any order."""
    batch = []
    for number, (start, end, *rest) in enumerate(found):
        if number == MOST_REGIONS:
            yield warning(f"Process {process} has more than {MOST_REGIONS} regions")
            break
        batch.append([hex(start), hex(end), *rest])
        if len(batch) == REGIONS_OF_A_ROW:
            yield row("regions", process=process, regions=batch)
            batch = []
    if batch:
        yield row("regions", process=process, regions=batch)


def tolerated(part, produce):
    """A part that fails is a warning: the rest of the answer stands without it."""
    try:
        yield from produce()
    except exceptions.InvalidAddressException as error:
        yield warning(
            f"Volatility could not finish its {part}: the image lacks address {error.invalid_address:#x} of {error.layer_name}"
        )
    except Exception as error:  # pylint: disable=broad-except
        yield warning(f"Volatility could not finish its {part}: {type(error).__name__} {error}"[:400])


def value(read, default=None):
    """What `read` gives; the default where memory is missing or Volatility has no value for it."""
    try:
        result = read()
    except (exceptions.InvalidAddressException, exceptions.SymbolError, AttributeError, TypeError, ValueError):
        return default
    return default if isinstance(result, interfaces.renderers.BaseAbsentValue) else result


def iso(moment):
    return moment.isoformat() if moment is not None and hasattr(moment, "isoformat") else None


def requirements_of(kernel, **components):
    """The kernel, and what is asked of Volatility's own, by name: a class and the version that ours was written for."""
    return [
        requirements.ModuleRequirement(
            name="kernel", description=kernel, architectures=["Intel64"]
        ),
        *(
            requirements.VersionRequirement(name=name, component=component, version=version)
            for name, (component, version) in components.items()
        ),
    ]


class Answer:
    """An answer while it is told: which tables it holds already, and the seconds by part of the work, for the bench."""

    def __init__(self):
        self.seconds = {}
        self._tables = set()

    def part(self, part, name, produce):
        """What `produce` gives; `name` tells the part where it fails."""
        start = time.monotonic()
        try:
            yield from tolerated(name, produce)
        finally:
            self.seconds[part] = round(self.seconds.get(part, 0) + time.monotonic() - start, 3)

    def memory(self, process, layer, table, found):
        """Pages and regions of a process, by its number; the pages of a table once. `found` gives its regions."""
        if table not in self._tables:
            self._tables.add(table)
            yield from self.part("pages", "pages", lambda: pages(layer, table))
        yield from self.part("regions", "regions", lambda: regions(process, found()))

    def end(self):
        return row("end", seconds=self.seconds, peakBytes=_peak_bytes())


def _peak_bytes():
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # KiB on Linux, bytes on macOS.
    return peak if sys.platform == "darwin" else peak * 1024
