import { parentPort, workerData } from 'node:worker_threads';
import { memoryOf } from '../image/memory-of.ts';
import { storedMemory } from '../image/stored-memory.ts';
import { settledFile } from '../memory/byte-source.ts';
import { BlockPlan } from './block-plan.ts';
import { BlockScanner } from './block-scanner.ts';
import { ScanState } from './scan-state.ts';
import type { ScanTask } from './scan-task.ts';
import type { WorkerStart } from './scan-threads.ts';

// The entry of a scan's worker: takes blocks until there are none left, then says what it found.
const { fd, size, layout }: WorkerStart = workerData;
const source = settledFile(fd, size);
const memory = layout ? storedMemory(layout, source) : memoryOf(source).memory;

parentPort?.once('message', (task: ScanTask) => {
  const scanner = new BlockScanner(task, memory);
  scanner.scanFor(new BlockPlan(memory.runs, task.blockBytes), new ScanState(task.state), Infinity);
  const { part } = scanner;
  parentPort?.postMessage(part, [part.hits.hits.buffer, part.hits.found.buffer]);
});
