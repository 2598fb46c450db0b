import type { Findings } from './findings.ts';
import type { Report, ReportProcess } from './report.ts';

const MOST_HOSTS = 20;

/** What to do next, ready to copy. Nothing in it comes from the image but numbers and addresses. */
export function nextActionsOf(
  { indicators, image, system, proxy, pivots, pivotHosts, followed }: Findings,
  processes: readonly ReportProcess[],
): Report['nextActions'] {
  const [first] = processes;
  const indicator = quoted(indicators[0]?.text ?? '');
  const file = quoted(image.path);
  const actions: Report['nextActions'] = [];
  // A process without a number of its own can be named to no tool.
  if (first && first.pid >= 0) {
    actions.push({
      title: `See every contribution to the score of PID ${first.pid}`,
      command: `ip2process ${indicator} --image ${file} --explain ${first.pid}`,
    });
    const plugin =
      system?.kind === 'windows'
        ? `windows.memmap.Memmap --pid ${first.pid} --dump`
        : `linux.proc.Maps --pid ${first.pid} --dump`;
    actions.push({
      title: `Dump the memory of PID ${first.pid} with Volatility 3, as a second witness${image.container === 'none' ? '' : ` (of the image unpacked from ${image.container})`}`,
      command: `vol -f ${image.container === 'none' ? file : 'IMAGE'} ${plugin}`,
    });
  }
  if (pivots.length > 0 && followed.size === 0) {
    actions.push({
      title: `Look for the ${pivots.length === 1 ? 'host' : `${pivots.length} hosts`} next to it too`,
      command: `ip2process ${indicator} --image ${file} --pivot`,
    });
  }
  if (!first && pivotHosts.length > 0) {
    // Only letters, digits, dots, colons and hyphens are in a canonical host: nothing that a shell would obey.
    actions.push({
      title: 'Look for the hosts that processes asked the proxy for',
      command: `ip2process ${pivotHosts.slice(0, MOST_HOSTS).join(' ')} --image ${file}`,
    });
  }
  // Without a system there are no sockets that could lead to it.
  if (proxy === null && system !== null) {
    actions.push({
      title: 'Name the proxy, so that a connection to it can tell talkers from readers',
      command: `ip2process ${indicator} --image ${file} --proxy IP:PORT`,
    });
  }
  actions.push({
    title: 'Keep the whole report with all hits beside the case',
    command: `ip2process ${indicator} --image ${file} --out report.html --out report.json`,
  });
  return actions;
}

/** For a POSIX shell: as it is where nothing in it means anything there. */
export const quoted = (text: string): string =>
  /^[\w./:@+-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
