// Starts index-worker.ts where the program runs from its TypeScript source: a worker does not inherit the reader of it.
import { register } from 'tsx/esm/api';

register();
await import('./index-worker.ts');
