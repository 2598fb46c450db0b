import type { UserSpace } from './user-space.ts';

/** Where a process has what the loader made for it. */
export interface UserBlocks {
  readonly peb: bigint;
  readonly teb: bigint;
  /** PEB32 of a 32-bit process; null without. */
  readonly peb32: bigint | null;
  readonly heap: bigint;
  readonly parameters: bigint;
  readonly stack: { readonly low: bigint; readonly high: bigint };
  readonly image: bigint;
  readonly modules: readonly {
    readonly base: bigint;
    readonly bytes: number;
    readonly path: string;
  }[];
}

export interface UserBlockTexts {
  readonly pid: number;
  readonly session: number;
  readonly path: string;
  readonly commandLine: string;
  readonly environment: readonly string[];
  readonly threads: number;
}

/** PEB, process parameters, loader's list, heap header and a TEB for each thread. All offsets stay over the builds. */
export function writeUserBlocks(space: UserSpace, blocks: UserBlocks, texts: UserBlockTexts): void {
  const { layout } = space;
  const { peb, parameters, heap } = blocks;
  const [major = 10, minor = 0] = layout.version.split('.').map(Number);
  space.field(peb, 'PEB.ImageBaseAddress', blocks.image);
  space.field(peb, 'PEB.ProcessParameters', parameters);
  space.field(peb, 'PEB.ProcessHeap', heap);
  space.field(peb, 'PEB.NumberOfHeaps', 1, 4);
  space.field(peb, 'PEB.ProcessHeaps', peb + 0x800n);
  space.number(peb + 0x800n, heap);
  space.field(peb, 'PEB.OSMajorVersion', major, 4);
  space.field(peb, 'PEB.OSMinorVersion', minor, 4);
  space.field(peb, 'PEB.OSBuildNumber', layout.build, 2);
  space.field(peb, 'PEB.SessionId', texts.session, 4);
  // _HEAP.Signature, of the NT heap.
  space.number(heap + 0x98n, 0xeeff_eeff, 4);

  writeParameters(space, parameters, texts);
  writeModules(space, blocks);
  for (let thread = 0; thread < texts.threads; thread += 1) {
    const teb = blocks.teb + BigInt(thread * 0x2000);
    space.number(teb + 8n, blocks.stack.high);
    space.number(teb + 0x10n, blocks.stack.low);
    space.number(teb + 0x30n, teb);
    space.number(teb + 0x40n, texts.pid);
    space.number(teb + 0x48n, threadId(texts.pid, thread));
    space.number(teb + 0x60n, peb);
  }
  if (blocks.peb32 !== null) writePeb32(space, blocks.peb32, blocks);
}

/** PIDs and TIDs come from one table: multiples of four. */
export const threadId = (pid: number, thread: number): number => pid + 4 + thread * 4;

function writeParameters(space: UserSpace, at: bigint, texts: UserBlockTexts): void {
  const name = 'RTL_USER_PROCESS_PARAMETERS';
  const field = (member: string): bigint => at + BigInt(space.layout.at(`${name}.${member}`));
  space.number(at, 0x700, 4);
  space.number(at + 4n, 0x700, 4);
  // Normalised: its strings' buffers are addresses.
  space.field(at, `${name}.Flags`, 1, 4);
  let text = at + 0x440n;
  const put = (member: string, value: string): void => {
    space.unicode(field(member), text, value);
    text += BigInt((value.length * 2 + 2 + 15) & ~15);
  };
  put('CurrentDirectory', 'C:\\Windows\\system32\\');
  put('ImagePathName', texts.path);
  put('CommandLine', texts.commandLine);
  if (texts.environment.length === 0) return;
  const environment = Buffer.from(`${texts.environment.join('\0')}\0\0`, 'utf16le');
  space.write(text, environment);
  space.number(field('Environment'), text);
  space.number(field('EnvironmentSize'), environment.length);
}

function writeModules(space: UserSpace, blocks: UserBlocks): void {
  const { layout } = space;
  const data = blocks.heap + 0x100n;
  const listOf = (member: string): bigint => BigInt(layout.at(`PEB_LDR_DATA.${member}`));
  space.field(blocks.peb, 'PEB.Ldr', data);
  space.number(data, 0x58, 4);
  space.number(data + 4n, 1, 1);
  const entries = blocks.modules.map((module, index) => {
    const at = data + 0x80n + BigInt(index * 0x200);
    space.field(at, 'LDR_DATA_TABLE_ENTRY.DllBase', module.base);
    space.field(at, 'LDR_DATA_TABLE_ENTRY.SizeOfImage', module.bytes, 4);
    const header = (member: string) => at + BigInt(layout.at(`LDR_DATA_TABLE_ENTRY.${member}`));
    const text = at + 0x120n;
    const path = module.path.slice(0, 100);
    const fileName = path.slice(path.lastIndexOf('\\') + 1);
    const bytes = Buffer.from(path, 'utf16le');
    space.unicode(header('FullDllName'), text, path);
    const base = header('BaseDllName');
    space.number(base, fileName.length * 2, 2);
    space.number(base + 2n, fileName.length * 2 + 2, 2);
    space.number(base + 8n, text + BigInt(bytes.length - fileName.length * 2));
    return at;
  });
  // Three lists run through each entry, 16 bytes apart.
  for (const [offset, list] of [
    [0n, listOf('InLoadOrderModuleList')],
    [16n, listOf('InMemoryOrderModuleList')],
    [32n, listOf('InInitializationOrderModuleList')],
  ] as const) {
    space.ring([data + list, ...entries.map((at) => at + offset)]);
  }
}

function writePeb32(space: UserSpace, at: bigint, blocks: UserBlocks): void {
  space.number(at + 8n, blocks.image, 4);
  space.number(at + 0xacn, space.layout.build, 2);
}
