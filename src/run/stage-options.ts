import type { Request, RunOptions } from './request.ts';
import { SYSTEM_ANCHORS, SYSTEM_PROBES } from '../os/system-marks.ts';

/** What each stage is given of a request and of who follows it. */
export function stageOptions(
  { source, scratch, threads }: Pick<Request, 'source' | 'scratch' | 'threads'>,
  { onProgress, signal }: Pick<RunOptions, 'onProgress' | 'signal'>,
) {
  return { open, scan, threaded, watched };

  function open() {
    return {
      ...(source ? { source } : {}),
      ...(scratch === undefined ? {} : { scratch }),
      ...watched('unpack'),
    };
  }

  /** The marks of the systems are sought in the same pass. */
  function scan() {
    return { anchors: SYSTEM_ANCHORS, probes: SYSTEM_PROBES, ...threaded('scan') };
  }

  function threaded(phase: string) {
    return { ...(threads === undefined ? {} : { threads }), ...watched(phase) };
  }

  /** A phase that can be followed and stopped. */
  function watched(phase: string) {
    return {
      ...(signal ? { signal } : {}),
      ...(onProgress
        ? { onProgress: (done: number, total: number) => onProgress(phase, done, total) }
        : {}),
    };
  }
}
