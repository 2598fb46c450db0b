import { parentPort, workerData } from 'node:worker_threads';
import { memoryOf } from '../image/memory-of.ts';
import { storedMemory } from '../image/stored-memory.ts';
import { fileSource } from '../memory/byte-source.ts';
import { ScanState } from '../scan/scan-state.ts';
import { claimer, type CollectStart } from './collect.ts';
import { Collector } from './collector.ts';
import { PagePlan } from './page-plan.ts';

// The entry of an index's worker: signs blocks until there are none left, then says what it wrote.
const { fd, size, layout, indexFd, state, end }: CollectStart = workerData;
const source = fileSource(fd, size);
const memory = layout ? storedMemory(layout, source) : memoryOf(source).memory;
const collector = new Collector(memory, new PagePlan(memory.runs), indexFd, claimer(end));
collector.collectFor(new ScanState(state), Infinity);
parentPort?.postMessage(collector.finish(), []);
