import { findBtf, readBtf, readKallsyms, readVmcoreinfo, type TypeTable, walk } from './witness.ts';

const LAST = 0xffff_ffff_ffff_ffffn;

export interface SeenTask {
  readonly address: bigint;
  readonly pid: number;
  readonly comm: string;
  readonly parentPid: number;
  readonly threads: number;
  readonly path: string | null;
  readonly commandLine: string | null;
  /** [start, end) of each region. */
  readonly regions: readonly (readonly [bigint, bigint])[];
  /** Physical. */
  readonly root: number | null;
  readonly sockets: readonly string[];
}

export interface SeenPage {
  readonly flags: bigint;
  readonly mapping: bigint;
  readonly index: bigint;
  readonly mapcount: number;
  readonly refcount: number;
  readonly compoundHead: bigint;
}

/** The machine as the witness sees it: every offset from the image's own BTF, every address from VMCOREINFO. */
export class Witness {
  readonly types: TypeTable;
  readonly symbols: ReadonlyMap<string, bigint>;
  readonly levels: number;
  readonly root: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
    this.types = readBtf(findBtf(bytes));
    const info = readVmcoreinfo(bytes);
    const symbol = (name: string): bigint => BigInt(`0x${info.get(`SYMBOL(${name})`)}`);
    const physBase = BigInt(info.get('NUMBER(phys_base)') ?? 'none');
    const place = (at: bigint): number =>
      Number(BigInt.asUintN(64, at - 0xffff_ffff_8000_0000n + physBase));
    this.levels = info.get('NUMBER(pgtable_l5_enabled)') === '1' ? 5 : 4;
    this.root = place(symbol('swapper_pg_dir'));
    this.symbols = info.has('SYMBOL(kallsyms_names)')
      ? readKallsyms(bytes, (table) => place(symbol(`kallsyms_${table}`)))
      : new Map();
  }

  /** The ring of tasks from this one on, walked forwards; throws where it is not closed both ways. */
  tasks(initTask: bigint): SeenTask[] {
    return this.#ring(initTask + this.#at('task_struct', 'tasks')).map((node) =>
      this.#task(node - this.#at('task_struct', 'tasks')),
    );
  }

  children(task: bigint): SeenTask[] {
    const nodes = this.#ring(task + this.#at('task_struct', 'children'));
    return nodes.map((node) => this.#task(node - this.#at('task_struct', 'sibling')));
  }

  /** The kernel's books of a frame. */
  structPage(frame: number, vmemmap: bigint): SeenPage {
    const page = vmemmap + BigInt(frame) * 64n;
    return {
      flags: this.u64(page + this.#at('page', 'flags')),
      mapping: this.u64(page + this.#at('page', 'mapping')),
      index: this.u64(page + this.#at('page', 'index')),
      mapcount: this.u32(page + this.#at('page', '_mapcount')) | 0,
      refcount: this.u32(page + this.#at('page', '_refcount')),
      compoundHead: this.u64(page + this.#at('page', 'compound_head')),
    };
  }

  /** The name of the file behind an address_space: its inode's first name. */
  cachedName(mapping: bigint): string {
    const inode = this.#pointer(mapping, 'address_space', 'host');
    const alias = this.#pointer(inode, 'inode', 'i_dentry.first');
    return this.text(
      this.u64(alias - this.#at('dentry', 'd_u.d_alias') + this.#at('dentry', 'd_name.name')),
    );
  }

  /** Numbers of all tasks, threads too, through the tree of init_pid_ns. */
  pidTable(namespace: bigint): number[] {
    const tasks: number[] = [];
    const visit = (entry: bigint): void => {
      if (entry === 0n) return;
      if ((entry & 3n) === 2n) {
        const slots = entry - 2n + this.#at('xa_node', 'slots');
        for (let slot = 0; slot < 64; slot += 1) visit(this.u64(slots + BigInt(slot * 8)));
        return;
      }
      const node = this.u64(entry + this.#at('pid', 'tasks'));
      const task = node - this.#at('task_struct', 'pid_links');
      tasks.push(this.u32(task + this.#at('task_struct', 'pid')));
    };
    visit(this.#pointer(namespace, 'pid_namespace', 'idr.idr_rt.xa_head'));
    return tasks;
  }

  /** Top tables through pgd_list, and whose each is by its mm. */
  topTables(pgdList: bigint, vmemmap: bigint): { frame: number; pid: number }[] {
    const [type, list] = this.types.has('page', 'pt_mm') ? ['page', 'lru'] : ['ptdesc', 'pt_list'];
    return this.#ring(pgdList).map((node) => {
      const page = node - this.#at(type, list);
      const owner = this.#pointer(this.#pointer(page, type, 'pt_mm'), 'mm_struct', 'owner');
      return {
        frame: Number((page - vmemmap) / 64n),
        pid: this.u32(owner + this.#at('task_struct', 'tgid')),
      };
    });
  }

  u64(address: bigint, root = this.root): bigint {
    return this.#view.getBigUint64(this.#physical(address, root), true);
  }

  u32(address: bigint): number {
    return this.#view.getUint32(this.#physical(address, this.root), true);
  }

  /** Up to the first NUL. */
  text(address: bigint): string {
    const at = this.#physical(address, this.root);
    return Buffer.from(this.#bytes.subarray(at, this.#bytes.indexOf(0, at))).toString('latin1');
  }

  /** Path of an open file: up its names, and up the mounts. */
  path(file: bigint): string {
    let dentry = this.#pointer(file, 'file', 'f_path.dentry');
    let mount = this.#pointer(file, 'file', 'f_path.mnt') - this.#at('mount', 'mnt');
    const names: string[] = [];
    for (let steps = 0; steps < 64; steps += 1) {
      if (dentry === this.#pointer(mount, 'mount', 'mnt.mnt_root')) {
        const parent = this.#pointer(mount, 'mount', 'mnt_parent');
        if (parent === mount) break;
        dentry = this.#pointer(mount, 'mount', 'mnt_mountpoint');
        mount = parent;
      } else {
        names.unshift(this.text(this.#pointer(dentry, 'dentry', 'd_name.name')));
        const parent = this.#pointer(dentry, 'dentry', 'd_parent');
        if (parent === dentry) break;
        dentry = parent;
      }
    }
    return `/${names.join('/')}`;
  }

  #task(address: bigint): SeenTask {
    const [mm, signal] = [
      this.#pointer(address, 'task_struct', 'mm'),
      this.#pointer(address, 'task_struct', 'signal'),
    ];
    const exe = mm && this.#pointer(mm, 'mm_struct', 'exe_file');
    const parent = this.#pointer(address, 'task_struct', 'real_parent');
    const pgd = mm && this.#pointer(mm, 'mm_struct', 'pgd');
    const root = pgd ? this.#physical(pgd, this.root) : null;
    return {
      address,
      pid: this.u32(address + this.#at('task_struct', 'tgid')),
      comm: this.text(address + this.#at('task_struct', 'comm')),
      parentPid: this.u32(parent + this.#at('task_struct', 'tgid')),
      threads: this.#ring(signal + this.#at('signal_struct', 'thread_head')).length,
      path: exe ? this.path(exe) : null,
      commandLine: root === null ? null : this.#commandLine(mm, root),
      regions: mm ? this.#regions(mm) : [],
      root,
      sockets: this.#sockets(this.#pointer(address, 'task_struct', 'files')),
    };
  }

  #commandLine(mm: bigint, root: number): string {
    const start = this.#pointer(mm, 'mm_struct', 'arg_start');
    const length = Number(this.#pointer(mm, 'mm_struct', 'arg_end') - start);
    const at = this.#physical(start, root);
    return Buffer.from(this.#bytes.subarray(at, at + length - 1))
      .toString('latin1')
      .replaceAll('\0', ' ');
  }

  #regions(mm: bigint): [bigint, bigint][] {
    const areas: bigint[] = [];
    if (this.types.has('mm_struct', 'mm_mt')) {
      this.#mapleLeaves(this.#pointer(mm, 'mm_struct', 'mm_mt.ma_root'), areas, LAST);
    } else {
      for (let area = this.#pointer(mm, 'mm_struct', 'mmap'); area !== 0n;) {
        areas.push(area);
        area = this.#pointer(area, 'vm_area_struct', 'vm_next');
      }
    }
    return areas.map((area) => [
      this.#pointer(area, 'vm_area_struct', 'vm_start'),
      this.#pointer(area, 'vm_area_struct', 'vm_end'),
    ]);
  }

  #mapleLeaves(entry: bigint, areas: bigint[], limit: bigint): void {
    const [node, type] = [entry & ~0xffn, Number((entry >> 3n) & 15n)];
    const [slots, slotsAt] = type === 3 ? [10, 0x50n] : [16, 0x80n];
    for (let index = 0; index < slots; index += 1) {
      const pivot = index < slots - 1 ? this.u64(node + 8n + BigInt(index * 8)) : limit;
      const last = pivot === 0n && index > 0 ? limit : pivot;
      const slot = this.u64(node + slotsAt + BigInt(index * 8));
      if (type === 1 && slot !== 0n) areas.push(slot);
      if (type === 3) this.#mapleLeaves(slot, areas, last);
      if (last === limit) return;
    }
  }

  #sockets(files: bigint): string[] {
    if (files === 0n) return [];
    const table = this.#pointer(files, 'files_struct', 'fdt');
    const count = this.u32(table + this.#at('fdtable', 'max_fds'));
    const found: string[] = [];
    for (let fd = 0; fd < count; fd += 1) {
      const file = this.u64(this.#pointer(table, 'fdtable', 'fd') + BigInt(fd * 8));
      if (file === 0n) continue;
      const inode = this.#pointer(file, 'file', 'f_inode');
      if ((this.u32(inode + this.#at('inode', 'i_mode')) & 0xf000) !== 0xc000) continue;
      const sock = this.#pointer(this.#pointer(file, 'file', 'private_data'), 'socket', 'sk');
      const family = this.u32(sock + this.#at('sock_common', 'skc_family')) & 0xffff;
      if (family !== 2 && family !== 10) continue;
      const port = this.u32(sock + this.#at('sock_common', 'skc_dport'));
      const remote = this.u32(sock + this.#at('sock_common', 'skc_daddr'));
      const octets = [0, 8, 16, 24].map((shift) => (remote >>> shift) & 255);
      found.push(
        `${port >>> 16} -> ${octets.join('.')}:${((port & 255) << 8) | ((port >> 8) & 255)}`,
      );
    }
    return found;
  }

  /** Nodes of a list_head ring behind its head. */
  #ring(head: bigint): bigint[] {
    const nodes: bigint[] = [];
    for (let node = this.u64(head), before = head; node !== head;) {
      if (this.u64(node + 8n) !== before) throw new Error('Cannot walk a ring: it is not closed');
      nodes.push(node);
      [before, node] = [node, this.u64(node)];
      if (nodes.length > 10_000) throw new Error('Cannot walk a ring: it does not come back');
    }
    if (this.u64(head + 8n) !== (nodes.at(-1) ?? head)) throw new Error('Cannot close a ring');
    return nodes;
  }

  #pointer(address: bigint, type: string, path: string): bigint {
    return this.u64(address + this.#at(type, path));
  }

  #at(type: string, path: string): bigint {
    return BigInt(this.types.offset(type, path));
  }

  #physical(address: bigint, root: number): number {
    const at = walk(this.#view, this.levels, root, address);
    if (at === null) throw new Error(`Cannot read 0x${address.toString(16)}: it is not mapped`);
    return at;
  }
}
