import { holdsText } from './fields.ts';

/** A kind of file that people hand in and that we cannot use. */
interface ForeignFile {
  readonly name: string;
  /** Any of these makes it one: text at a byte offset; each character is one byte. */
  readonly signatures: readonly (readonly [offset: number, text: string])[];
  /** What to do instead: ends the sentence "Cannot use …: it is <name>; …". */
  readonly instead: string;
}

const ACQUIRE = 'acquire memory as raw, LiME, AVML, ELF core, kdump or a complete crash dump';
const UNPACK = 'unpack it and give the memory image inside';
const NOT_MEMORY = `it holds no memory; ${ACQUIRE}`;

/** Sources: the specification of each format where there is one; file(1), magic database, for the common ones. */
const FOREIGN_FILES: readonly ForeignFile[] = [
  {
    name: 'a Windows crash dump (32-bit)',
    signatures: [[0, 'PAGEDUMP']],
    instead: `it is not supported; ${ACQUIRE} from a 64-bit machine`,
  },
  {
    name: 'a Windows minidump of one process',
    signatures: [[0, 'MDMP']],
    instead: `it is not a machine's memory; ${ACQUIRE}`,
  },
  {
    name: 'a Windows hibernation file',
    signatures: ['HIBR', 'hibr', 'WAKE', 'wake', 'RSTR', 'rstr'].map((text) => [0, text]),
    instead: `it holds a compressed part of memory and is not supported; ${ACQUIRE}, or convert the hibernation file to raw first`,
  },
  {
    name: 'a QEMU migration stream (savevm)',
    signatures: [[0, 'QEVM']],
    instead: 'it is not supported; use the monitor command dump-guest-memory instead',
  },
  {
    name: 'a libvirt save file',
    signatures: [
      [0, 'LibvirtQemudSave'],
      [0, 'LibvirtQemudPart'],
    ],
    instead: 'it is not supported; use "virsh dump --memory-only" instead',
  },
  {
    name: 'a VirtualBox saved state',
    signatures: [[0, '\x7fVirtualBox SavedState']],
    instead: 'it is not supported; use "VBoxManage debugvm <name> dumpvmcore" instead',
  },
  {
    name: 'a diskdump file (the old kdump)',
    signatures: [[0, 'DISKDUMP']],
    instead: 'it is not supported; convert it with makedumpfile',
  },
  {
    name: 'an EnCase image (E01)',
    signatures: [
      [0, 'EVF\x09\x0d\x0a\xff'],
      [0, 'EVF2\x0d\x0a\x81'],
    ],
    instead: 'it is not supported; export it as raw ("ewfexport -f raw")',
  },
  { name: 'a 7-Zip archive', signatures: [[0, "7z\xbc\xaf'\x1c"]], instead: UNPACK },
  { name: 'a RAR archive', signatures: [[0, 'Rar!\x1a\x07']], instead: UNPACK },
  { name: 'a tar archive', signatures: [[257, 'ustar']], instead: UNPACK },
  { name: 'a bzip2 file', signatures: [[0, 'BZh']], instead: UNPACK },
  {
    name: 'an LZ4 file',
    signatures: [
      [0, '\x04\x22\x4d\x18'],
      [0, '\x02\x21\x4c\x18'],
    ],
    instead: UNPACK,
  },
  { name: 'a Snappy stream', signatures: [[0, '\xff\x06\0\0sNaPpY']], instead: UNPACK },
  { name: 'a zip archive without entries', signatures: [[0, 'PK\x05\x06']], instead: UNPACK },
  {
    name: "a virtual machine's disk (qcow2, VMDK, VHDX or VDI)",
    signatures: [
      [0, 'QFI\xfb'],
      [0, 'KDMV'],
      [0, 'vhdxfile'],
      [0, 'conectix'],
      [0x40, '\x7f\x10\xda\xbe'],
    ],
    instead: NOT_MEMORY,
  },
  {
    name: 'a disk image',
    signatures: [
      [512, 'EFI PART'],
      [3, 'NTFS    '],
      [3, 'MSDOS5.0'],
      [3, 'mkfs.fat'],
    ],
    instead: NOT_MEMORY,
  },
  {
    name: 'a network capture',
    signatures: [
      [0, '\xd4\xc3\xb2\xa1'],
      [0, '\xa1\xb2\xc3\xd4'],
      [0, '\x4d\x3c\xb2\xa1'],
      [0, '\x0a\x0d\x0d\x0a'],
    ],
    instead: NOT_MEMORY,
  },
  { name: 'a Windows event log', signatures: [[0, 'ElfFile\0']], instead: NOT_MEMORY },
  { name: 'a Windows program', signatures: [[0, 'MZ\x90\0']], instead: NOT_MEMORY },
  { name: 'a SQLite database', signatures: [[0, 'SQLite format 3\0']], instead: NOT_MEMORY },
  { name: 'a PDF document', signatures: [[0, '%PDF-']], instead: NOT_MEMORY },
  {
    name: 'a picture',
    signatures: [
      [0, '\x89PNG'],
      [0, '\xff\xd8\xff'],
      [0, 'GIF8'],
    ],
    instead: NOT_MEMORY,
  },
];

/** Why a file with these first bytes is no memory image that we can use: "it is …; do …". Null where nothing says so. */
export function foreignFile(head: Uint8Array): string | null {
  const found = FOREIGN_FILES.find(({ signatures }) =>
    signatures.some(([offset, text]) => holdsText(head, offset, text)),
  );
  if (found !== undefined) return `it is ${found.name}; ${found.instead}`;
  return isText(head) ? `it is a text file; ${NOT_MEMORY}` : null;
}

/** No control character but tab and line ends, in all of the head: page 0 of a machine is never so. */
const isText = (head: Uint8Array): boolean =>
  head.length > 0 && head.every((byte) => byte >= 0x20 || (byte >= 0x09 && byte <= 0x0d));
