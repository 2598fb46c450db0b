import type { KernelImage } from './kernel-image-writer.ts';
import type { KernelSpace } from './kernel-space.ts';
import { isOver } from './machine.ts';
import type { ObjectWriter } from './object-writer.ts';
import { type ProcessPlan, VOLUME } from './process-plan.ts';
import { fileTime } from './shared-user-data.ts';

/** What the process' object is to say besides its plan. */
export interface ProcessFacts {
  readonly plan: ProcessPlan;
  /** Physical address of the top table. */
  readonly root: number;
  /** Physical address of the top table for user mode; 0 where the process runs on the kernel's; null: no such build. */
  readonly shadowRoot: number | null;
  readonly createTime: Date;
  /** MM_SESSION_SPACE; null: of no session. */
  readonly session: bigint | null;
}

/** What a process that runs would tell who asks how it ended. */
const STATUS_PENDING = 0x103;

/** Writes EPROCESS objects with what hangs on them, threads and regions excepted. */
export class ProcessWriter {
  readonly #kernel: KernelSpace;
  readonly #objects: ObjectWriter;

  constructor(kernel: KernelSpace, objects: ObjectWriter) {
    this.#kernel = kernel;
    this.#objects = objects;
  }

  /** The object's address. */
  write(facts: ProcessFacts): bigint {
    const kernel = this.#kernel;
    const { plan } = facts;
    const { options } = plan.spec;
    const hasUserMode = plan.blocks !== null;
    const size = kernel.layout.sizeOf('EPROCESS');
    const process = this.#objects.object('Proc', 'Process', size, hasUserMode);
    this.#writeHeader(process, facts);
    kernel.field(process, 'EPROCESS.UniqueProcessId', options.pid);
    kernel.field(process, 'EPROCESS.InheritedFromUniqueProcessId', parentPid(plan));
    kernel.write(process + this.#at('ImageFileName'), Buffer.from(plan.spec.name.slice(0, 14)));
    kernel.field(process, 'EPROCESS.PriorityClass', 2, 1);
    kernel.field(process, 'EPROCESS.CreateTime', fileTime(facts.createTime));
    kernel.field(process, 'EPROCESS.ActiveThreads', plan.threads, 4);
    if (!isOver(options)) kernel.field(process, 'EPROCESS.ExitStatus', STATUS_PENDING, 4);
    kernel.field(process, 'EPROCESS.Session', facts.session ?? 0n);
    kernel.field(process, 'EPROCESS.Token', this.#token(options.sid ?? SYSTEM_SID) | 0xfn);
    kernel.ring([process + this.#at('ActiveProcessLinks')]);
    if (plan.blocks) {
      kernel.field(process, 'EPROCESS.Peb', plan.blocks.peb);
      kernel.field(process, 'EPROCESS.SectionBaseAddress', plan.blocks.image);
    }
    if (plan.path !== null && options.terminated !== true) {
      const audit = this.#auditName(VOLUME + plan.path.slice(2));
      kernel.field(process, 'EPROCESS.SeAuditProcessCreationInfo', audit);
    }
    if (isOver(options)) {
      if (options.exitTime) {
        kernel.field(process, 'EPROCESS.ExitTime', fileTime(options.exitTime));
      }
      return process;
    }
    kernel.field(process, 'EPROCESS.ObjectTable', this.#handleTable(process, options.pid));
    if (plan.blocks?.peb32 != null) {
      kernel.field(process, 'EPROCESS.Wow64Process', this.#wow64(plan.blocks.peb32));
    }
    return process;
  }

  /** Idle: static, in the kernel image; in no list. */
  writeIdle(image: KernelImage, root: number): bigint {
    const idle = image.at('KiInitialProcess');
    this.#writeDispatcher(idle, false);
    this.#kernel.field(idle, 'KPROCESS.DirectoryTableBase', root);
    this.#kernel.ring([idle + this.#at('ThreadListHead')]);
    this.#kernel.ring([idle + BigInt(this.#kernel.layout.at('KPROCESS.ThreadListHead'))]);
    this.#kernel.write(idle + this.#at('ImageFileName'), Buffer.from('Idle'));
    this.#kernel.number(image.at('PsIdleProcess'), idle);
    return idle;
  }

  #at(field: string): bigint {
    return BigInt(this.#kernel.layout.at(`EPROCESS.${field}`));
  }

  #writeHeader(process: bigint, facts: ProcessFacts): void {
    const kernel = this.#kernel;
    const { layout } = kernel;
    const { options } = facts.plan.spec;
    this.#writeDispatcher(process, isOver(options));
    // With KVA shadow the low bits name the tagged address space: 2 kernel's, 1 user's.
    const tag = facts.shadowRoot === null || options.pid === 0 ? 0 : 2;
    kernel.field(process, 'KPROCESS.DirectoryTableBase', facts.root + tag);
    if (facts.shadowRoot !== null && layout.has('KPROCESS.UserDirectoryTableBase')) {
      const user = facts.shadowRoot + 1;
      kernel.field(process, 'KPROCESS.UserDirectoryTableBase', user);
      if (facts.shadowRoot === 0) kernel.field(process, 'KPROCESS.AddressPolicy', 1, 1);
    }
  }

  #writeDispatcher(process: bigint, hasEnded: boolean): void {
    const kernel = this.#kernel;
    const words = kernel.layout.sizeOf('KPROCESS') / 4;
    kernel.number(process, 3, 1);
    // One byte; a larger KPROCESS does not fit it.
    kernel.number(process + 2n, words < 256 ? words : 0, 1);
    kernel.number(process + 4n, hasEnded ? 1 : 0, 4);
    kernel.ring([process + 8n]);
    kernel.ring([process + BigInt(kernel.layout.at('KPROCESS.ProfileListHead'))]);
  }

  #handleTable(process: bigint, pid: number): bigint {
    const kernel = this.#kernel;
    const size = kernel.layout.sizeOf('HANDLE_TABLE');
    const table = kernel.pool('Obtb', size, { pool: 'paged' });
    const entries = kernel.pool('Obtb', 0x1000, { pool: 'paged' });
    kernel.field(table, 'HANDLE_TABLE.TableCode', entries);
    kernel.field(table, 'HANDLE_TABLE.QuotaProcess', process);
    kernel.field(table, 'HANDLE_TABLE.UniqueProcessId', pid);
    kernel.ring([table + BigInt(kernel.layout.at('HANDLE_TABLE.HandleTableList'))]);
    return table;
  }

  /** OBJECT_NAME_INFORMATION with its text behind it. */
  #auditName(path: string): bigint {
    const at = this.#kernel.pool('SePa', 0x10 + path.length * 2 + 2);
    this.#kernel.unicode(at, at + 0x10n, path);
    return at;
  }

  /** A pointer to EWOW64PROCESS since 10586, before that the PEB32 itself. */
  #wow64(peb32: bigint): bigint {
    if (this.#kernel.layout.build < 10586) return peb32;
    const at = this.#kernel.pool('Wow6', 0x10);
    this.#kernel.number(at, peb32);
    this.#kernel.number(at + 8n, 0x14c, 2);
    return at;
  }

  /** A token of one user and no group. */
  #token(sid: string): bigint {
    const kernel = this.#kernel;
    const token = this.#objects.object('Toke', 'Token', 0x500);
    const [revision = 1, authority = 5, ...parts] = sid.split('-').slice(1).map(Number);
    kernel.field(token, 'TOKEN.UserAndGroupCount', 1, 4);
    const entry = token + 0x4a0n;
    kernel.field(token, 'TOKEN.UserAndGroups', entry);
    kernel.number(entry, entry + 0x10n);
    kernel.number(entry + 0x10n, revision, 1);
    kernel.number(entry + 0x11n, parts.length, 1);
    kernel.number(entry + 0x17n, authority, 1);
    for (const [index, part] of parts.entries()) {
      kernel.number(entry + 0x18n + BigInt(index * 4), part, 4);
    }
    return token;
  }
}

export const SYSTEM_SID = 'S-1-5-18';

export const parentPid = ({ spec }: ProcessPlan): number =>
  spec.options.ppid ?? (spec.options.pid === 4 ? 0 : 4);
