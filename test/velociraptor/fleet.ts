import { createHash } from 'node:crypto';
import { apiFile, makeCertificates, type Certificates } from './certificates.ts';
import { type Answer, type Question, standIn, type StandIn } from './stand-in.ts';

export const IP = '203.0.113.7';
export const CLIENT = 'C.1234567890abcdef';

/** A row of Summary as the artifact gives it. */
export const summaryRow = (changes: object = {}): object => ({
  Verdict: 'likely',
  Score: 61,
  IP,
  Pid: 42,
  Ppid: 1,
  Name: 'evil',
  Exe: '/tmp/evil',
  CommandLine: '/tmp/evil --token s3cr3t-of-the-host',
  Username: 'kim',
  CreateTime: '2026-11-22T09:00:00Z',
  CallChain: 'systemd <- evil',
  RequestHits: 4,
  AsciiHits: 6,
  Utf16Hits: 0,
  BinaryHits: 1,
  Kinds: ['connect-request', 'sockaddr'],
  BestContext: `CONNECT ${IP}:443 HTTP/1.1..Cookie: id=s3cr3t-of-the-host`,
  ProxyConns: [
    {
      Proxy: '10.20.0.5:3128',
      LocalPort: 40_001,
      Status: 'ESTAB',
      Seen: ['before', 'after'],
      Source: 'given',
    },
  ],
  DirectConns: [],
  OtherListeners: [],
  Reasons: ['It is connected to the proxy 10.20.0.5:3128 (given).'],
  ScanState: 'scanned',
  ...changes,
});
export const otherRow = (Pid: number, Name: string, ScanState = 'scanned'): object => ({
  Verdict: ScanState === 'scanned' ? 'not-found' : '',
  Pid,
  Name,
  Exe: `/usr/bin/${Name}`,
  ScanState,
});
const HIT = {
  Pid: 42,
  Name: 'evil',
  IP,
  Kind: 'connect',
  Form: 'connect-request',
  Address: '0x7ff0000b',
  Region: '[heap]',
  Place: 'private',
  Context: `CONNECT ${IP}:443 HTTP/1.1..Cookie: id=s3cr3t-of-the-host`,
};
const COVERAGE = {
  Answer: 'likely',
  Problem: '',
  Processes: 3,
  Scanned: 2,
  NoAccess: 1,
  TotalMB: 120,
  Seconds: 9,
  YaraKinds: 'text and binary',
  ProxySource: 'given',
  ProxyKnown: ['10.20.0.5'],
  Connections: 5,
  ArtifactVersion: '1.0',
};

export interface FleetOptions {
  readonly summary?: readonly object[];
  readonly coverage?: readonly object[];
  readonly system?: 'linux' | 'windows';
  /** Seconds since the machine was seen. */
  readonly unseen?: number;
  /** Of a flow, one look after the other; the last for ever. */
  readonly states?: readonly string[];
  readonly logs?: readonly string[];
  /** Flows that are there already. */
  readonly flows?: readonly object[];
  /** By a word of the query, before anything else. */
  readonly answers?: Readonly<Record<string, Answer>>;
  /** Bytes of the image that a machine gives. */
  readonly image?: Uint8Array;
  readonly upload?: { readonly stored?: number; readonly sha256?: string };
  readonly onRead?: Parameters<typeof standIn>[1] extends infer Options
    ? Options extends { onRead?: infer Read }
      ? Read
      : never
    : never;
}

export interface Fleet extends StandIn {
  /** Text of the API file; of an expired user where asked so. */
  apiFile(which?: 'user' | 'expired'): string;
}

let certificates: Certificates | null = null;

/** A Velociraptor server with one machine, WS-12, whose flows run at once: all that the program asks of it, over mutual TLS. */
export async function fleet(options: FleetOptions = {}): Promise<Fleet> {
  const made = (certificates ??= makeCertificates());
  const flows = new Map<string, Record<string, unknown>>();
  for (const flow of options.flows ?? []) flows.set(String(Object(flow).session_id), { ...flow });
  const looks = new Map<string, number>();
  const server = await standIn(made, { onQuery, onRead });
  return {
    ...server,
    apiFile: (which = 'user') => apiFile(made, made[which], server.address),
  };

  function onQuery({ vql, env }: Question): Answer {
    for (const [word, answer] of Object.entries(options.answers ?? {})) {
      if (vql.includes(word)) return answer;
    }
    if (vql.includes('clients(search'))
      return { rows: env['Search'] === 'host:WS-12' ? [client()] : [] };
    if (vql.includes('clients(client_id'))
      return { rows: env['ClientId'] === CLIENT ? [client()] : [] };
    if (vql.includes('artifact_definitions')) return { rows: [{ name: env['Artifact'] }] };
    if (vql.includes('collect_client')) return { rows: [{ flow_id: start(env) }] };
    if (vql.includes('flow_logs')) {
      return { rows: (options.logs ?? []).map((message) => ({ level: 'ERROR', message })) };
    }
    if (vql.includes('flows(client_id=ClientId, flow_id'))
      return { rows: look(env['FlowId'] ?? '') };
    if (vql.includes('flows(')) return { rows: [...flows.values()] };
    if (vql.includes('"Coverage"')) return { rows: options.coverage ?? [COVERAGE] };
    if (vql.includes('"Summary"')) {
      return {
        rows: part(
          options.summary ?? [summaryRow(), otherRow(7, 'sshd'), otherRow(4, 'guard', 'no access')],
          env,
        ),
      };
    }
    if (vql.includes('"Hits"')) return { rows: part([HIT], env) };
    if (vql.includes('"Image"'))
      return { rows: [{ File: 'WS-12.raw', Status: 'complete', SHA256: hashOf() }] };
    if (vql.includes('uploads(')) return { rows: [upload()] };
    if (vql.includes('link_to'))
      return { rows: [{ Link: `https://velo.example/app/${env['FlowId'] ?? ''}` }] };
    throw new Error(`nobody expected ${vql}`);
  }

  function onRead(components: readonly string[], offset: number, length: number, read: number) {
    if (options.onRead) return options.onRead(components, offset, length, read);
    return (options.image ?? new Uint8Array(0)).subarray(offset, offset + length);
  }

  function start(env: Readonly<Record<string, string>>): string {
    const id = `F.NEW${flows.size}`;
    flows.set(id, {
      session_id: id,
      state: 'RUNNING',
      create_time: Date.now() * 1000,
      active_time: Date.now() * 1000 + 9_000_000,
      request: {
        creator: 'cortex',
        artifacts: [env['Artifact']],
        specs: [
          {
            artifact: env['Artifact'],
            parameters: {
              env: ['IPAddress', 'ProxyEndpoints', 'CaseId'].map((key) => ({
                key,
                value: env[key] ?? '',
              })),
            },
          },
        ],
      },
    });
    return id;
  }

  function look(id: string): object[] {
    const flow = flows.get(id);
    if (!flow) return [];
    const { states = ['FINISHED'] } = options;
    const at = looks.get(id) ?? 0;
    looks.set(id, at + 1);
    const request = Object(flow['request']);
    return [
      {
        ...flow,
        state: states[Math.min(at, states.length - 1)],
        total_collected_rows: 5,
        artifacts_with_results: request.artifacts?.map((name: string) => `${name}/Image`),
      },
    ];
  }

  function client(): object {
    return {
      client_id: CLIENT,
      os_info: { hostname: 'WS-12', fqdn: 'ws-12.corp.example', system: options.system ?? 'linux' },
      last_seen_at: (Date.now() - 1000 * (options.unseen ?? 0)) * 1000,
      last_ip: '10.20.0.5:51000',
    };
  }

  function hashOf(): string {
    return (
      options.upload?.sha256 ??
      createHash('sha256')
        .update(options.image ?? '')
        .digest('hex')
    );
  }

  function upload(): object {
    const size = options.image?.length ?? 0;
    return {
      vfs_path: '/uploads/file/WS-12.raw',
      client_path: '/tmp/WS-12.raw',
      file_size: size,
      uploaded_size: options.upload?.stored ?? size,
      Type: '',
      Upload: { Components: ['clients', CLIENT, 'uploads', 'file', 'WS-12.raw'], sha256: hashOf() },
    };
  }
}

const part = (
  rows: readonly object[],
  { First = '0', Count = '500' }: Readonly<Record<string, string>>,
): object[] => rows.slice(Number(First), Number(First) + Number(Count));
