import { type WindowsBuilder, buildWindows } from './build-windows.ts';
import { INDICATOR, PROXY } from './scenarios.ts';

/** Who talks on it; everybody else only holds the indicator. */
export const DECOY_TALKERS: readonly number[] = [3400, 3404];

const HEAP = 0x2_0000_0000n;
const LIBRARIES = 0x7ffe_2000_0000n;
const USER = 'S-1-5-21-1004336348-1177238915-682003330-1001';
const ALERT = `Alert 4711: traffic to ${INDICATOR} seen at the proxy, please check`;
const BLOCK_LIST = `${Array.from({ length: 60 }, (_, n) => `198.51.100.${n}`).join('\n')}\n${INDICATOR}\n203.0.113.9\n`;

/** An ordinary workstation on which many hold the indicator, two as clients, and some have a library for HTTP by chance. */
export function decoyMachine(): WindowsBuilder {
  const machine = buildWindows({ build: 19041, seed: 4711, ramBytes: 64 * 2 ** 20 });
  const program = (name: string, pid: number, text: string, libraries: readonly string[] = []) => {
    const process = machine
      .process(name, { pid, sid: USER })
      .region(HEAP, 4, { kind: 'private' })
      .write(HEAP + 0x40n, `ascii ${text}`);
    for (const [index, library] of libraries.entries()) {
      const path = `\\Windows\\System32\\${library}`;
      process.region(LIBRARIES + BigInt(index) * 0x10_0000n, 16, { kind: 'image', path });
    }
    return process;
  };

  const request = `GET http://${INDICATOR}/in HTTP/1.1\r\nHost: ${INDICATOR}\r\n\r\n`;
  program('rundll32.exe', 3400, request, ['winhttp.dll', 'webio.dll'])
    .write(HEAP + 0x1800n, `utf16 http://${INDICATOR}/in`)
    .socket({ local: '172.31.0.57:49801', remote: PROXY });

  // Stopped while it sends: its bytes are locked for the socket driver.
  program('sync.exe', 3404, request)
    .sending(HEAP + 0x40n, request.length)
    .socket({ local: '172.31.0.57:49802', remote: PROXY });

  program('notepad.exe', 3500, ALERT);
  // The dialog for opening files brings libraries along.
  program('notepad.exe', 3504, ALERT, ['wininet.dll', 'urlmon.dll']);
  program('mspaint.exe', 3508, ALERT, ['wininet.dll']);
  program('dllhost.exe', 3512, ALERT, ['winhttp.dll']);
  program('MsMpEng.exe', 3516, BLOCK_LIST, ['winhttp.dll']);
  program('updater.exe', 3520, ALERT, ['winhttp.dll', 'webio.dll']);
  const online = { local: '172.31.0.57:49811', remote: PROXY };
  const web = ['wininet.dll', 'urlmon.dll', 'winhttp.dll'];
  program('msedge.exe', 3528, ALERT, web).socket(online);
  program('outlook.exe', 3532, `see http://${INDICATOR}/in`, web).socket(online);
  for (let index = 0; index < 4; index += 1) {
    const libraries = index === 0 ? ['winhttp.dll'] : [];
    program('agent.exe', 3600 + 4 * index, index < 2 ? ALERT : 'idle', libraries);
  }
  machine
    .process('svchost.exe', {
      pid: 3700,
      commandLine: 'C:\\Windows\\system32\\svchost.exe -k NetworkService -p -s Dnscache',
    })
    .region(HEAP, 1, { kind: 'private' })
    .write(HEAP, `utf16 ${INDICATOR}`);
  for (let index = 0; index < 12; index += 1) {
    machine.process(`everyday${index}.exe`, { pid: 3800 + 4 * index });
  }
  return machine;
}
