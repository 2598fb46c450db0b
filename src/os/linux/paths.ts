import type { Kernel } from './kernel.ts';
import { isKernelAddress } from './structures.ts';

/** Folders above each other, and mounts on the way. */
const MAX_DEPTH = 256;
/** Of one file system: a host of containers has hundreds. */
const MAX_MOUNTS = 4096;
/** Linux, include/uapi/linux/limits.h: PATH_MAX, NAME_MAX. */
const MAX_PATH = 4096;
const MAX_NAME = 255;

/** Names of files as the kernel's directory cache has them. */
export interface Paths {
  /** Path of an open file (struct file); null where there is none. */
  ofFile(file: bigint): string | null;
  /** Path of a cached file by its inode: a hard link has several, one is named. "[ext4 inode 12]" where none is cached. */
  ofInode(inode: bigint): string | null;
  /** Type of the file system that an inode is of: "ext4", "tmpfs". */
  fileSystem(inode: bigint): string;
}

export function pathsOf(kernel: Kernel): Paths {
  const { btf, structures } = kernel;
  const layout = pathLayout(kernel);
  const known = new Map<string, string | null>();
  const types = new Map<bigint, string>();

  const pathOf = (dentry: bigint, mount: bigint): string | null => {
    const key = `${dentry} ${mount}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const path = climb(kernel, layout, dentry, mount);
    known.set(key, path);
    return path;
  };
  const fileSystem = (inode: bigint): string => {
    const block = structures.pointer(inode, layout.inode.sb);
    const type = types.get(block) ?? superblockType(kernel, layout, block);
    types.set(block, type);
    return type;
  };

  const mountNamespace = structures.pointer(
    structures.pointer(kernel.initTask.address, btf.offset('task_struct', 'nsproxy')),
    btf.offset('nsproxy', 'mnt_ns'),
  );
  return {
    ofFile(file) {
      if (!isKernelAddress(file)) return null;
      const mount = structures.pointer(file, layout.file.mount) - layout.mount.vfs;
      return pathOf(structures.pointer(file, layout.file.dentry), mount);
    },
    ofInode(inode) {
      if (!isKernelAddress(inode)) return null;
      const alias = structures.pointer(inode, layout.inode.aliases);
      if (!isKernelAddress(alias)) {
        return withoutName(fileSystem(inode), structures.pointer(inode, layout.inode.number));
      }
      const block = structures.pointer(inode, layout.inode.sb);
      return pathOf(alias - layout.dentry.alias, mountOf(kernel, layout, block, mountNamespace));
    },
    fileSystem,
  };
}

type PathLayout = ReturnType<typeof pathLayout>;

const pathLayout = ({ btf }: Kernel) => ({
  file: { dentry: btf.offset('file', 'f_path.dentry'), mount: btf.offset('file', 'f_path.mnt') },
  dentry: {
    parent: btf.offset('dentry', 'd_parent'),
    name: btf.offset('dentry', 'd_name.name'),
    length: btf.offset('dentry', 'd_name.len'),
    hashed: btf.offset('dentry', 'd_hash.pprev'),
    alias: BigInt(btf.offset('dentry', 'd_u.d_alias')),
  },
  mount: {
    vfs: BigInt(btf.offset('mount', 'mnt')),
    root: btf.offset('mount', 'mnt.mnt_root'),
    parent: btf.offset('mount', 'mnt_parent'),
    mountpoint: btf.offset('mount', 'mnt_mountpoint'),
    // A list through the mounts; since 6.18 a chain of them.
    instance: btf.offsetOrNull('mount', 'mnt_instance'),
    next: btf.offsetOrNull('mount', 'mnt_next_for_sb'),
    namespace: btf.offsetOrNull('mount', 'mnt_ns'),
  },
  inode: {
    aliases: btf.offset('inode', 'i_dentry'),
    sb: btf.offset('inode', 'i_sb'),
    number: btf.offset('inode', 'i_ino'),
  },
  block: {
    mounts: BigInt(btf.offset('super_block', 's_mounts')),
    type: btf.offset('super_block', 's_type'),
    typeName: btf.offset('file_system_type', 'name'),
  },
});

/** Names from the file up to the root of its mount, then from where that is mounted, and so on. */
function climb(kernel: Kernel, layout: PathLayout, from: bigint, mounted: bigint): string | null {
  const { structures } = kernel;
  const isDeleted = structures.pointer(from, layout.dentry.hashed) === 0n;
  let dentry = from;
  let mount = mounted;
  let path = '';
  for (let depth = 0; depth < MAX_DEPTH && path.length <= MAX_PATH; depth += 1) {
    if (!isKernelAddress(dentry)) return null;
    const parent = structures.pointer(dentry, layout.dentry.parent);
    if (dentry === structures.pointer(mount, layout.mount.root)) {
      const above = structures.pointer(mount, layout.mount.parent);
      if (above === mount || above === 0n)
        return finish(path, nameOf(kernel, layout, dentry), isDeleted);
      dentry = structures.pointer(mount, layout.mount.mountpoint);
      mount = above;
    } else if (parent === dentry) {
      return finish(path, nameOf(kernel, layout, dentry), isDeleted);
    } else {
      path = `/${nameOf(kernel, layout, dentry)}${path}`;
      dentry = parent;
    }
  }
  return null;
}

/** Memory files (memfd, System V, /dev/zero) are roots themselves and bear a name, which no true root does. */
function finish(path: string, rootName: string, isDeleted: boolean): string {
  if (path === '') {
    if (rootName.startsWith('[')) return `anon_inode:${rootName}`;
    return rootName === '/' ? '/' : `/${rootName} (deleted)`;
  }
  return isDeleted ? `${path} (deleted)` : path;
}

/** A file whose names are no longer cached, or a block device, whose inode has the device's number. */
const withoutName = (fileSystem: string, inode: bigint): string =>
  fileSystem === 'bdev'
    ? `[block device ${inode >> 20n}:${inode & 0xfffffn}]`
    : `[${fileSystem} inode ${inode}]`;

function nameOf({ structures }: Kernel, layout: PathLayout, dentry: bigint): string {
  const length = structures.u32(dentry, layout.dentry.length);
  const name = structures.pointer(dentry, layout.dentry.name);
  return structures.text(name, Math.min(length, MAX_NAME));
}

/** A mount of a file system: the one that the first process sees, else any. 0 where it has none. */
function mountOf(kernel: Kernel, layout: PathLayout, block: bigint, namespace: bigint): bigint {
  let any = 0n;
  for (const mount of mountsOf(kernel, layout, block)) {
    const at = layout.mount.namespace;
    if (at !== null && kernel.structures.pointer(mount, at) === namespace) return mount;
    if (any === 0n) any = mount;
  }
  return any;
}

function* mountsOf(
  { structures }: Kernel,
  { block: { mounts }, mount: { instance, next } }: PathLayout,
  block: bigint,
): Generator<bigint> {
  const head = block + mounts;
  let at = structures.pointer(head);
  for (let count = 0; at !== head && isKernelAddress(at) && count < MAX_MOUNTS; count += 1) {
    yield instance === null ? at : at - BigInt(instance);
    at = structures.pointer(at, instance === null ? (next ?? 0) : 0);
  }
}

function superblockType({ structures }: Kernel, layout: PathLayout, block: bigint): string {
  const type = structures.pointer(block, layout.block.type);
  return structures.text(structures.pointer(type, layout.block.typeName), MAX_NAME);
}
