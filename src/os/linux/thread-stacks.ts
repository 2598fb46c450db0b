import type { Kernel } from './kernel.ts';
import type { ThreadStack } from './regions.ts';
import { threadsOf } from './tasks.ts';

/** Linux, arch/x86/include/asm/page_64_types.h: THREAD_SIZE is 16 KiB, 32 with KASAN. */
const KERNEL_STACK_BYTES = [16_384, 32_768];
/** Unused bytes at its top: 16 where the processor may use FRED (6.9 and later). */
const TOP_PADDING = [0, 16];
/** Selectors of 64-bit user code and of user data: what the saved registers of user mode must show. */
const USER_CODE = 0x33;
const USER_STACK = 0x2b;

/** Stack pointers of the threads of a process, as they entered the kernel; those in 32-bit code are left out. */
export function threadStacks(kernel: Kernel, leader: bigint): readonly ThreadStack[] {
  const { btf, structures } = kernel;
  const stack = btf.offset('task_struct', 'stack');
  const pid = btf.offset('task_struct', 'pid');
  const size = btf.size('pt_regs');
  const [code, data, pointer] = ['cs', 'ss', 'sp'].map((name) => btf.offset('pt_regs', name));

  const stacks: ThreadStack[] = [];
  for (const thread of threadsOf(kernel, leader)) {
    const base = structures.pointer(thread, stack);
    const registers = KERNEL_STACK_BYTES.flatMap((bytes) =>
      TOP_PADDING.map((padding) => base + BigInt(bytes - padding - size)),
    ).find(
      (at) => structures.u16(at, code) === USER_CODE && structures.u16(at, data) === USER_STACK,
    );
    if (registers === undefined) continue;
    stacks.push({
      thread: structures.u32(thread, pid),
      pointer: structures.pointer(registers, pointer),
    });
  }
  return stacks;
}
