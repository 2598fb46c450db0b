import { PAGE_BYTES } from '../../../src/memory/address.ts';
import type { KernelSpace } from './kernel-space.ts';
import type { WindowsSendSpec } from './machine.ts';
import type { WrittenProcess } from './processes-writer.ts';
import { pageOf } from './virtual-memory.ts';

/**
 * Requests that processes made and that have not ended: an IRP for a driver, with an MDL of the locked pages.
 *
 * Source: wdm.h (IRP, IO_STACK_LOCATION, MDL, DEVICE_OBJECT, DRIVER_OBJECT), the same in every x64 version.
 */
export function writeSendRequests(kernel: KernelSpace, processes: readonly WrittenProcess[]): void {
  const devices = new Map<string, bigint>();
  for (const { writer, truth } of processes) {
    for (const send of writer.plan.spec.sends) {
      const driver = send.driver ?? '\\Driver\\AFD';
      const device = devices.get(driver) ?? writeDevice(kernel, driver);
      devices.set(driver, device);
      const frames = framesOf(send, writer.space.frames);
      const mdl = writeMdl(kernel, send, frames, truth.object);
      writeIrp(kernel, { mdl, device, controlCode: send.isReceive === true ? RECEIVE : SEND });
    }
  }
}

const SEND = 0x1_201f;
const RECEIVE = 0x1_2017;

function writeDevice(kernel: KernelSpace, name: string): bigint {
  const driver = kernel.pool('Driv', 0x150);
  kernel.number(driver, 4, 2);
  kernel.number(driver + 2n, 0x150, 2);
  kernel.unicode(driver + 0x38n, kernel.pool('NpFn', name.length * 2 + 2), name);
  const device = kernel.pool('Devi', 0x150);
  kernel.number(device, 3, 2);
  kernel.number(device + 2n, 0x150, 2);
  kernel.number(device + 8n, driver);
  return device;
}

function framesOf(
  { address, length }: WindowsSendSpec,
  frames: ReadonlyMap<number, number>,
): number[] {
  const first = pageOf(address);
  const last = pageOf(address + BigInt(length - 1));
  return Array.from({ length: last - first + 1 }, (_, index) => frames.get(first + index) ?? 0);
}

function writeMdl(
  kernel: KernelSpace,
  { address, length, isReceive = false }: WindowsSendSpec,
  frames: readonly number[],
  process: bigint,
): bigint {
  const bytes = 0x30 + frames.length * 8;
  const mdl = kernel.pool('Mdl ', bytes);
  kernel.number(mdl, 0);
  kernel.number(mdl + 8n, bytes, 2);
  // Pages locked; written into by the driver, where it receives.
  kernel.number(mdl + 0xan, isReceive ? 0x82 : 0x02, 2);
  kernel.number(mdl + 0x10n, process);
  kernel.number(mdl + 0x20n, address & ~0xfffn);
  kernel.number(mdl + 0x28n, length, 4);
  kernel.number(mdl + 0x2cn, Number(address % BigInt(PAGE_BYTES)), 4);
  for (const [index, frame] of frames.entries()) {
    kernel.number(mdl + 0x30n + BigInt(index * 8), BigInt(frame));
  }
  return mdl;
}

function writeIrp(
  kernel: KernelSpace,
  request: { readonly mdl: bigint; readonly device: bigint; readonly controlCode: number },
): void {
  const locations = 3;
  const bytes = 0xd0 + locations * 0x48;
  const irp = kernel.pool('Irp ', bytes);
  const stack = irp + 0xd0n + BigInt((locations - 1) * 0x48);
  kernel.number(irp, 6, 2);
  kernel.number(irp + 2n, bytes, 2);
  kernel.number(irp + 8n, request.mdl);
  // Of a user; of three locations the last is current.
  kernel.number(irp + 0x40n, 1, 1);
  kernel.number(irp + 0x42n, locations, 1);
  kernel.number(irp + 0x43n, locations, 1);
  kernel.number(irp + 0xb8n, stack);
  kernel.number(stack, 0x0e, 1);
  kernel.number(stack + 0x18n, request.controlCode, 4);
  kernel.number(stack + 0x28n, request.device);
}
