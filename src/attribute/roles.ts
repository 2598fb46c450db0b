import type { Process } from '../os/process.ts';
import { programOf, serviceOf } from './carriers.ts';

/** Programs that run somebody else's text: the script is what matters. */
const INTERPRETERS =
  /^(python|perl|ruby|node|php|bash|sh|dash|zsh|powershell|pwsh|cscript|wscript|java|mshta)[\d.]*$/;
const BROWSERS = /^(chrome|chromium|msedge|brave|opera|firefox|msedgewebview2)$/;

/**
 * What a process of a many-purpose program is here: a service, a browser's part, a script; null: as its name says. Of
 * other programs the command line is not even asked for, which costs a read of the process' own memory.
 */
export function roleOf(process: Pick<Process, 'path' | 'commandLine'>): string | null {
  const program = programOf(process.path ?? '');
  if (program === 'svchost') {
    const service = serviceOf(process.commandLine);
    if (service !== null) return `service ${service}`;
    // Before Windows 10 1703, and where memory is short, one host runs a whole group of them.
    const group = /\s-k\s+(\w{1,64})/.exec(process.commandLine ?? '')?.[1];
    return group === undefined ? null : `services of ${group}`;
  }
  if (BROWSERS.test(program)) {
    const type = /--type=([\w-]{1,32})/.exec(process.commandLine ?? '')?.[1];
    return type === undefined ? 'browser main process' : `browser ${type}`;
  }
  if (INTERPRETERS.test(program)) {
    const script = (process.commandLine ?? '')
      .split(' ')
      .slice(1)
      .find((word) => !word.startsWith('-'));
    return script === undefined ? null : `runs ${script}`;
  }
  return null;
}
