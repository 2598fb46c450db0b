import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface Runner {
  readonly kind: 'process' | 'docker' | 'docker-3.1' | 'kubernetes';
  /** User of the container; default root. */
  readonly uid?: number;
  /** Nothing but the job's folder can be written. */
  readonly isReadOnly?: boolean;
  /** Unpacked container image that it runs in, with the worker and its Node; default: the machine's own programs. */
  readonly imageRoot?: string;
  /** The job's output lies on a disk of its own, of so many bytes; seen outside when the job is over. Needs root. */
  readonly diskBytes?: number;
  /** The job's folder belongs to another user than the container's. */
  readonly isForeign?: boolean;
  /** Beside what Cortex sets. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Containers here are mount namespaces with a root of their own: that is what a worker sees of Docker. */
export const CONTAINER_NEEDS = '/proc/self/ns/mnt';

/**
 * How Cortex starts a worker.
 *
 * R2 process: the definition's command under the parent of its folder, which is the current directory too; the job's folder
 * is the only argument; no HOME, no proxies. R3 docker: the image's entry point without arguments (Cortex 3.1: "/job"), only
 * /job mounted. R4 Kubernetes: "/job", of which only /job/output can be written.
 *
 * Source: Cortex 4.1.0, ProcessJobRunnerSrv, DockerJobRunnerSrv, K8sJobRunnerSrv.
 *
 * @param worker built folder of the worker, with its definition
 * @param command of the definition: "Ip2Process/ip2process.mjs"
 */
export function commandOf(runner: Runner, worker: BuiltWorker, job: string): Command {
  const command = ofRunner(runner, worker, job);
  const env = { ...command.env, ...runner.environment };
  return runner.diskBytes === undefined
    ? { ...command, env }
    : { ...onDisk(command, runner.diskBytes, join(job, 'output')), env };
}

/** Folders that a runner mounts things on, outside of the job. They go with the job. */
export const beside = (job: string) => ({ root: `${job}-root`, kept: `${job}-kept` });

interface BuiltWorker {
  readonly worker: string;
  readonly command: string;
}

function ofRunner(runner: Runner, { worker, command }: BuiltWorker, job: string): Command {
  const workers = dirname(worker);
  const hasAuthorities = existsSync(join(job, 'input', 'cacerts'));
  const path = { PATH: process.env['PATH'] ?? '/usr/bin:/bin' };
  if (runner.kind === 'process') {
    return {
      program: join(workers, command),
      args: [job],
      cwd: workers,
      env: {
        ...path,
        ...(hasAuthorities ? { REQUESTS_CA_BUNDLE: join(job, 'input', 'cacerts') } : {}),
      },
    };
  }
  const inside =
    runner.kind === 'kubernetes'
      ? { CORTEX_JOB_FOLDER: '/job' }
      : hasAuthorities
        ? {}
        : { JAVA_TOOL_OPTIONS: '-Dlogger.file=/etc/cortex/logback.xml' };
  return {
    program: 'unshare',
    args: [
      '--mount',
      'sh',
      '-euc',
      containerScript(runner, worker, job),
      'container',
      ...(runner.kind === 'docker' ? [] : ['/job']),
    ],
    cwd: '/',
    env: {
      ...path,
      ...inside,
      ...(hasAuthorities ? { REQUESTS_CA_BUNDLE: '/job/input/cacerts' } : {}),
    },
  };
}

/** The same, with a disk over a folder; what is on it in the end is in the folder. */
function onDisk({ program, args, cwd }: Command, bytes: number, folder: string) {
  const script = [
    'folder=$1; bytes=$2; kept=$3; shift 3',
    'mkdir -p "$kept"; mount --bind "$folder" "$kept"',
    'mount -t tmpfs -o size="$bytes",mode=0700 disk "$folder"',
    'code=0; "$@" || code=$?',
    // What filled it meanwhile is the disk's, not the job's.
    'rm -f "$folder/full"; mkdir "$kept/.copy"; cp -a "$folder/." "$kept/.copy"',
    // Whole files only, since somebody reads them meanwhile.
    'find "$kept/.copy" -mindepth 1 -exec mv -t "$kept" {} +; rmdir "$kept/.copy"; exit $code',
  ].join('\n');
  const { kept } = beside(dirname(folder));
  const inside = ['sh', '-euc', script, 'disk', folder, String(bytes), kept, program, ...args];
  return { program: 'unshare', args: ['--mount', ...inside], cwd };
}

/** The machine's programs read-only, the worker where the Dockerfile puts it, and /job. */
function containerScript(
  { kind, uid = 0, isReadOnly = false, imageRoot }: Runner,
  worker: string,
  job: string,
) {
  const node = dirname(process.execPath);
  const own = ['/usr', '/bin', '/lib', '/lib64', '/etc', node];
  const seen = [...new Set([...(imageRoot ? [] : own), '/dev', '/proc'])];
  const user = uid === 0 ? '' : `setpriv --reuid ${uid} --regid ${uid} --clear-groups `;
  return [
    `root=${beside(job).root}; mkdir -p "$root"`,
    // Not seen outside, and gone with the last process.
    imageRoot ? `mount --bind ${imageRoot} "$root"` : 'mount -t tmpfs container "$root"',
    ...seen
      .filter((path) => existsSync(path))
      .map((path) => `mkdir -p "$root${path}"; mount --rbind ${path} "$root${path}"`),
    'mkdir -p "$root/tmp" "$root/worker/Ip2Process" "$root/job"; chmod 1777 "$root/tmp"',
    ...(imageRoot ? [] : [`mount --bind ${worker} "$root/worker/Ip2Process"`]),
    ...(kind === 'kubernetes'
      ? [
          'mkdir -p "$root/job/input" "$root/job/output"',
          `mount --bind ${job}/input "$root/job/input"; mount -o remount,ro,bind "$root/job/input"`,
          `mount --bind ${job}/output "$root/job/output"`,
        ]
      : [`mount --bind ${job} "$root/job"`]),
    ...(isReadOnly || kind === 'kubernetes' ? ['mount -o remount,ro,bind "$root"'] : []),
    `exec chroot "$root" ${user}${imageRoot ? 'node' : process.execPath} /worker/Ip2Process/ip2process.mjs "$@"`,
  ].join('\n');
}
