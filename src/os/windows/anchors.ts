import type { Anchor } from '../../scan/anchor.ts';
import type { PageProbeName } from '../../scan/page-probe.ts';
import type { PageShapeName, ProbeName } from '../../scan/page-shape.ts';

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Start of a process object: found by how its fields relate to each other. */
export const PROCESS_PROBE: PageProbeName = 'windows-process';
/** A top table of pages, of whatever process: it maps itself. */
export const TOP_TABLE_PROBE: PageShapeName = 'windows-top-table';
/** Name of the kernel's symbol file, in the debug record of its image. */
export const KERNEL_NAME_ANCHOR = 'windows-kernel-name';
/** Tags of pool blocks that hold sockets, in the header of 16 bytes before them. */
export const TCP_ENDPOINT_ANCHOR = 'windows-tcp-endpoint';
export const TCP_CONTROL_BLOCK_ANCHOR = 'windows-tcp-control-block';
export const TCP_LISTENER_ANCHOR = 'windows-tcp-listener';
export const UDP_ENDPOINT_ANCHOR = 'windows-udp-endpoint';

/** Tag of pool blocks that hold the entries of the list of loaded drivers. */
export const MODULE_ANCHOR = 'windows-module';

/** Tag of pool blocks that hold requests to drivers. */
export const REQUEST_ANCHOR = 'windows-request';

/** Pool blocks begin at multiples of 16; their tag is four bytes further on. */
const TAG_OFFSETS: readonly number[] = Array.from({ length: 256 }, (_, block) => block * 16 + 4);

/** What `openWindows` wants to know from the scan. */
export const WINDOWS_ANCHORS: readonly Anchor[] = [
  { name: KERNEL_NAME_ANCHOR, bytes: ascii('ntkrnlmp.pdb\0') },
  { name: KERNEL_NAME_ANCHOR, bytes: ascii('ntkrla57.pdb\0') },
  { name: KERNEL_NAME_ANCHOR, bytes: ascii('ntoskrnl.pdb\0') },
  { name: TCP_ENDPOINT_ANCHOR, bytes: ascii('TcpE'), pageOffsets: TAG_OFFSETS },
  { name: TCP_CONTROL_BLOCK_ANCHOR, bytes: ascii('TTcb'), pageOffsets: TAG_OFFSETS },
  { name: TCP_LISTENER_ANCHOR, bytes: ascii('TcpL'), pageOffsets: TAG_OFFSETS },
  { name: MODULE_ANCHOR, bytes: ascii('MmLd'), pageOffsets: TAG_OFFSETS },
  { name: REQUEST_ANCHOR, bytes: ascii('Irp '), pageOffsets: TAG_OFFSETS },
  { name: UDP_ENDPOINT_ANCHOR, bytes: ascii('UdpA'), pageOffsets: TAG_OFFSETS },
];
export const WINDOWS_PROBES: readonly ProbeName[] = [PROCESS_PROBE, TOP_TABLE_PROBE];
