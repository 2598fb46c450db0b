import { fileTime } from './shared-user-data.ts';
import type { KernelSpace } from './kernel-space.ts';
import type { ObjectWriter } from './object-writer.ts';
import type { ProcessPlan } from './process-plan.ts';
import { threadId } from './user-block-writer.ts';

/** Writes a process' threads and the two lists they are in. */
export function writeThreads(
  kernel: KernelSpace,
  objects: ObjectWriter,
  process: bigint,
  plan: ProcessPlan,
): void {
  const { layout } = kernel;
  const at = (name: string): bigint => BigInt(layout.at(name));
  const { pid, createTime } = plan.spec.options;
  const threads = Array.from({ length: plan.threads }, (_, index) => {
    const thread = objects.object('Thre', 'Thread', layout.sizeOf('ETHREAD'));
    const stack = kernel.pages(1);
    kernel.number(thread, 6, 1);
    kernel.ring([thread + 8n]);
    kernel.field(thread, 'KTHREAD.Process', process);
    kernel.field(thread, 'KTHREAD.StackLimit', stack);
    kernel.field(thread, 'KTHREAD.StackBase', stack + 0x1000n);
    if (plan.blocks) {
      kernel.field(thread, 'KTHREAD.Teb', plan.blocks.teb + BigInt(index * 0x2000));
      kernel.field(thread, 'ETHREAD.Win32StartAddress', plan.blocks.image + 0x1000n);
    }
    kernel.field(thread, 'ETHREAD.Cid', pid);
    kernel.number(thread + at('ETHREAD.Cid') + 8n, threadId(pid, index));
    if (createTime) kernel.field(thread, 'ETHREAD.CreateTime', fileTime(createTime));
    return thread;
  });
  for (const [list, entry] of [
    ['KPROCESS.ThreadListHead', 'KTHREAD.ThreadListEntry'],
    ['EPROCESS.ThreadListHead', 'ETHREAD.ThreadListEntry'],
  ] as const) {
    kernel.ring([process + at(list), ...threads.map((thread) => thread + at(entry))]);
  }
}
