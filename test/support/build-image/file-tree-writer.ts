import type { KernelObject, KernelObjects } from './kernel-objects.ts';
import { cString } from './kernel-objects.ts';
import type { Ram } from './ram.ts';
import { writeXarray } from './xarray-writer.ts';

/** Where file systems hang: the path of each mount and what is mounted there. */
const MOUNTS = [
  { at: '/', type: 'ext4', device: 'vda1', magic: 0xef53 },
  { at: '/opt', type: 'ext4', device: 'vdb1', magic: 0xef53 },
  { at: '/dev/shm', type: 'tmpfs', device: 'tmpfs', magic: 0x0102_1994 },
] as const;

/** Not at any path: memfd and System V shared memory, sockets. */
const INTERNAL = { type: 'tmpfs', device: 'tmpfs', magic: 0x0102_1994 } as const;
const SOCKETS = { type: 'sockfs', device: 'sockfs', magic: 0x534f_434b } as const;

const REGULAR = 0x8000 | 0o644;
const FOLDER = 0x4000 | 0o755;
const SOCKET = 0xc000 | 0o777;

interface Mounted {
  readonly path: string;
  readonly mount: KernelObject;
  readonly superBlock: KernelObject;
  readonly root: Named;
}

/** A name in a directory tree and what it stands for. */
interface Named {
  readonly dentry: KernelObject;
  readonly inode: KernelObject;
  readonly children: Map<string, Named>;
}

export interface PlacedFile {
  /** Of struct file, one for each path. */
  readonly file: bigint;
  readonly mapping: bigint;
  readonly isSharedMemory: boolean;
}

/** Mounts, directory entries, inodes and open files; and the frames that cache their content. */
export class FileTree {
  readonly #objects: KernelObjects;
  readonly #ram: Ram;
  readonly #mounts: Mounted[] = [];
  readonly #internal: Mounted;
  readonly #sockets: Mounted;
  readonly #files = new Map<string, PlacedFile>();
  readonly #cached = new Map<string, number>();
  /** Of each address_space: struct page by index. */
  readonly #pages = new Map<bigint, Map<number, bigint>>();
  #nextInode = 1000;

  constructor(objects: KernelObjects, ram: Ram) {
    this.#objects = objects;
    this.#ram = ram;
    for (const { at, ...kind } of MOUNTS) this.#mounts.push(this.#mount(at, kind));
    this.#internal = this.#mount('', INTERNAL);
    this.#sockets = this.#mount('', SOCKETS);
  }

  /** The open file of a path; "... (deleted)" is one whose name is gone. */
  open(path: string): PlacedFile {
    const known = this.#files.get(path);
    if (known) return known;
    const isDeleted = path.endsWith(' (deleted)');
    const name = path.replace(/ \(deleted\)$/, '');
    const { mounted, entry } = name.startsWith('/')
      ? this.#resolve(name, isDeleted)
      : { mounted: this.#internal, entry: this.#add(this.#internal, null, name, REGULAR, true) };
    const placed = {
      file: this.#file(mounted, entry).address,
      mapping: entry.inode.at('i_data'),
      isSharedMemory: mounted === this.#internal || mounted.path === '/dev/shm',
    };
    this.#files.set(path, placed);
    return placed;
  }

  /** The frame that caches a page of a file: one for the whole machine. */
  cache(path: string, index: number, wanted?: number): number {
    const key = `${index} ${path}`;
    const known = this.#cached.get(key);
    if (known !== undefined) return known;
    const { mapping, isSharedMemory } = this.open(path);
    const frame = wanted === undefined ? this.#ram.takeLonely() : this.#ram.claim(wanted);
    const kind = isSharedMemory ? 'shared-memory' : 'file';
    this.#ram.books.set(frame, { kind, mapping, index, mappings: 0, head: null });
    this.#cached.set(key, frame);
    const pages = this.#pages.get(mapping) ?? new Map<number, bigint>();
    this.#pages.set(mapping, pages.set(index, this.#objects.space.pageAddress(frame)));
    return frame;
  }

  /** Writes the tree of cached pages of each file, once all are there. */
  close(): void {
    for (const [mapping, pages] of this.#pages) {
      const object = this.#objects.at('address_space', mapping);
      const root = writeXarray(this.#objects, object.at('i_pages'), pages);
      object.set('i_pages.xa_head', root).set('nrpages', pages.size);
    }
  }

  /** A file whose private data is this struct socket. */
  openSocket(socket: bigint): bigint {
    const entry = this.#add(this.#sockets, null, '', SOCKET, true);
    return this.#file(this.#sockets, entry).set('private_data', socket).address;
  }

  #file(mounted: Mounted, { dentry, inode }: Named): KernelObject {
    return this.#objects
      .create('file')
      .set('f_path.mnt', mounted.mount.at('mnt'))
      .set('f_path.dentry', dentry.address)
      .set('f_inode', inode.address)
      .set('f_mapping', inode.at('i_data'));
  }

  #resolve(path: string, isDeleted: boolean): { mounted: Mounted; entry: Named } {
    const fits = ({ path: at }: Mounted): boolean => at === '/' || path.startsWith(`${at}/`);
    const mounted = this.#mounts.filter(fits).toSorted((a, b) => b.path.length - a.path.length)[0];
    if (!mounted) throw new Error(`Cannot place "${path}": nothing is mounted there`);
    const inside = mounted.path === '/' ? path : path.slice(mounted.path.length);
    const names = inside.split('/').filter(Boolean);
    let entry = mounted.root;
    names.forEach((name, depth) => {
      const isLeaf = depth === names.length - 1;
      const known = entry.children.get(name);
      const mode = isLeaf ? REGULAR : FOLDER;
      entry = known ?? this.#add(mounted, entry, name, mode, isLeaf && isDeleted);
    });
    return { mounted, entry };
  }

  #mount(path: string, kind: { type: string; device: string; magic: number }): Mounted {
    const objects = this.#objects;
    const type = objects.create('file_system_type').set('name', objects.text(kind.type));
    const superBlock = objects
      .create('super_block')
      .set('s_magic', kind.magic)
      .set('s_type', type.address)
      .setText('s_id', kind.device);
    const mount = objects.create('mount');
    const root = this.#entry(superBlock, null, '/', FOLDER, false);
    superBlock.set('s_root', root.dentry.address);
    const parent = path === '/' || path === '' ? null : this.#resolve(path, false);
    mount
      .set('mnt_parent', parent?.mounted.mount.address ?? mount.address)
      .set('mnt_mountpoint', parent?.entry.dentry.address ?? root.dentry.address)
      .set('mnt.mnt_root', root.dentry.address)
      .set('mnt.mnt_sb', superBlock.address)
      .set('mnt_devname', objects.text(kind.device));
    objects.ring([superBlock.at('s_mounts'), mount.at('mnt_instance')]);
    for (const empty of ['mnt_mounts', 'mnt_child', 'mnt_list']) objects.ring([mount.at(empty)]);
    return { path, mount, superBlock, root };
  }

  #add(
    mounted: Mounted,
    parent: Named | null,
    name: string,
    mode: number,
    isUnhashed: boolean,
  ): Named {
    return this.#entry(mounted.superBlock, parent, name, mode, isUnhashed);
  }

  #entry(
    superBlock: KernelObject,
    parent: Named | null,
    name: string,
    mode: number,
    isUnhashed: boolean,
  ): Named {
    const objects = this.#objects;
    const dentry = objects.create('dentry');
    const inode = objects.create('inode');
    inode
      .set('i_mode', mode)
      .set('i_sb', superBlock.address)
      .set('i_mapping', inode.at('i_data'))
      .set('i_ino', (this.#nextInode += 1))
      .set('i_nlink', isUnhashed ? 0 : 1)
      .set('i_data.host', inode.address);
    objects.chain(inode.at('i_dentry'), [dentry.at('d_u.d_alias')]);
    const bytes = cString(name);
    const isShort = bytes.length <= 32;
    dentry
      .set('d_parent', parent?.dentry.address ?? dentry.address)
      .set('d_name.len', bytes.length - 1)
      .set('d_name.name', isShort ? dentry.at('d_iname') : objects.text(name))
      .set('d_inode', inode.address)
      .set('d_sb', superBlock.address)
      // Hashed: the chain points back at some bucket.
      .set('d_hash.pprev', isUnhashed ? 0n : superBlock.address);
    if (isShort) dentry.setText('d_iname', name);
    const entry = { dentry, inode, children: new Map<string, Named>() };
    parent?.children.set(name, entry);
    objects.ring([dentry.at('d_subdirs')]);
    return entry;
  }
}
