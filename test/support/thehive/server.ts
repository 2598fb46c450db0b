import {
  createServer as createHttpServer,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { setTimeout as wait } from 'node:timers/promises';
import { notFound, Refusal, type Answer } from './answer.ts';
import { Faults, type Fault } from './faults.ts';
import type { Asked, Settings } from './asked.ts';
import { ROUTES } from './routes.ts';
import { Store, type StoredAccount } from './store.ts';

export interface StandInOptions {
  readonly version: 4 | 5;
  /** "/thehive" */
  readonly prefix?: string;
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Largest JSON body in bytes; TheHive 4: 256 kB. */
  readonly largestJson?: number;
  /** Every request waits up to so long at random, so that runs at once really meet. */
  readonly latencyMs?: number;
  readonly settings?: Partial<Settings>;
}

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly status: number;
}

/**
 * TheHive 4.1 or 5 over real HTTP, as strict as section 8.2 of the integration contract (H1 to H12): what a real server
 * would overlook to our harm it refuses.
 */
export class TheHiveStandIn {
  readonly store = new Store();
  readonly faults = new Faults();
  readonly requests: SeenRequest[] = [];
  readonly version: 4 | 5;
  readonly #options: StandInOptions;
  readonly #settings: Settings;
  readonly #server;
  /** Meeting points by pattern: requests wait there until enough have come. */
  readonly #gates: { readonly when: RegExp; left: number; readonly open: (() => void)[] }[] = [];

  constructor(options: StandInOptions) {
    this.version = options.version;
    this.#options = options;
    this.#settings = {
      hasRanges: true,
      zipPassword: 'malware',
      ignoresCase: false,
      blindCreates: 0,
      ...options.settings,
    };
    const answer = (request: IncomingMessage, response: ServerResponse): void =>
      void this.#serve(request, response);
    this.#server = options.tls ? createHttpsServer(options.tls, answer) : createHttpServer(answer);
  }

  async start(): Promise<this> {
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done));
    return this;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  get url(): string {
    const address = this.#server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const host = this.#options.tls ? 'localhost' : '127.0.0.1';
    return `${this.#options.tls ? 'https' : 'http'}://${host}:${port}${this.#options.prefix ?? ''}`;
  }

  /** The next `count` requests that fit go on together, so that none sees what another did. */
  meet(when: RegExp, count: number): void {
    this.#gates.push({ when, left: count, open: [] });
  }

  /** Requests that changed something. */
  get writes(): SeenRequest[] {
    return this.requests.filter(({ method, path }) => method !== 'GET' && !path.endsWith('/query'));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const method = request.method ?? 'GET';
    const name = `${method} ${decodeURIComponent(url.pathname)}`;
    const body = await bodyOf(request);
    await this.#pass(name);
    const fault = this.faults.next(name);
    let answer: Answer;
    if (fault?.kind === 'reset') return void request.socket.destroy();
    if (fault?.kind === 'silence') return;
    if (fault?.kind === 'status')
      answer = {
        status: fault.status,
        ...(fault.headers ? { headers: fault.headers } : {}),
        stream: [Buffer.from(fault.body ?? '')],
      };
    else {
      if (fault?.kind === 'meanwhile') fault.do();
      answer = await this.#answer(request, url, body);
    }
    this.requests.push({
      method,
      path: url.pathname,
      url: request.url ?? '',
      headers: request.headers,
      body: body.toString('utf8'),
      status: answer.status,
    });
    if (fault?.kind === 'lost-answer') return void request.socket.destroy();
    await send(answer, response, fault);
  }

  async #pass(name: string): Promise<void> {
    if (this.#options.latencyMs) await wait(Math.random() * this.#options.latencyMs);
    const gate = this.#gates.find(({ when, left }) => left > 0 && when.test(name));
    if (!gate) return;
    gate.left -= 1;
    if (gate.left === 0) for (const open of gate.open) open();
    else await new Promise<void>((open) => void gate.open.push(open));
  }

  async #answer(request: IncomingMessage, url: URL, body: Buffer): Promise<Answer> {
    try {
      const prefix = this.#options.prefix ?? '';
      if (!url.pathname.startsWith(`${prefix}/`)) throw notFound('Page');
      const text = url.pathname.slice(prefix.length + 1);
      if (text === 'api/v1/status') return this.#status();
      const path = text.split('/').map(decodeURIComponent);
      const { account, organisation } = this.#authenticate(request);
      const type = request.headers['content-type'] ?? '';
      const isForm = type.startsWith('multipart/form-data');
      const largest = this.#options.largestJson ?? (this.version === 4 ? 256 * 1024 : 10 * 2 ** 20);
      if (!isForm && body.length > largest)
        return {
          status: 413,
          headers: { 'Content-Type': 'text/html' },
          stream: [Buffer.from('<html>413</html>')],
        };
      if (body.length > 0 && !isForm && !type.startsWith('application/json'))
        throw new Refusal(400, 'BadRequest', `content type ${type}`);
      const asked: Asked = {
        store: this.store,
        version: this.version,
        account,
        organisation,
        path,
        query: url.searchParams,
        json: !isForm && body.length > 0 ? JSON.parse(body.toString('utf8')) : undefined,
        form: isForm
          ? await new Response(new Uint8Array(body), {
              headers: { 'content-type': type },
            }).formData()
          : null,
        range: request.headers.range ?? null,
        settings: this.#settings,
      };
      for (const [method, pattern, versions, handler] of ROUTES) {
        const ids =
          method === request.method && versions.includes(this.version)
            ? variables(pattern, path)
            : null;
        if (ids) return await handler(asked, ...ids);
      }
      throw notFound('Page');
    } catch (error) {
      if (error instanceof Refusal) return error.toAnswer();
      return { status: 500, body: { type: 'InternalError', message: String(error) } };
    }
  }

  /** The one call without a key (reference 5.1). */
  #status(): Answer {
    const body =
      this.version === 4
        ? {
            versions: { Scalligraph: '0.1.0', TheHive: '4.1.24-1' },
            config: { protectDownloadsWith: this.#settings.zipPassword },
          }
        : { version: '5.5.7-1', config: {} };
    return { status: 200, body };
  }

  #authenticate(request: IncomingMessage): { account: StoredAccount; organisation: string } {
    const key = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    const account = this.store.accounts.find((one) => one.key === key);
    const wanted = request.headers['x-organisation'];
    const organisation =
      wanted === undefined
        ? account?.organisations[0]
        : Buffer.from(String(wanted), 'latin1').toString('utf8');
    if (!account || !organisation || !account.organisations.includes(organisation)) {
      throw new Refusal(
        401,
        'AuthenticationError',
        `Authentication failure with ${key ?? 'nothing'}`,
      );
    }
    return { account, organisation };
  }
}

function variables(pattern: string, path: readonly string[]): string[] | null {
  const parts = pattern.split('/');
  if (parts.length !== path.length) return null;
  const found: string[] = [];
  for (const [index, part] of parts.entries()) {
    const given = path[index] ?? '';
    if (part === '*') found.push(given);
    else if (part !== given) return null;
  }
  return found;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) if (part instanceof Buffer) parts.push(part);
  return Buffer.concat(parts);
}

async function send(
  answer: Answer,
  response: ServerResponse,
  fault: Fault['what'] | null,
): Promise<void> {
  const { status, body, stream, headers } = answer;
  const isJson = body !== undefined;
  response.writeHead(status, {
    ...(isJson ? { 'Content-Type': 'application/json' } : {}),
    ...headers,
  });
  if (!stream) return void response.end(isJson ? JSON.stringify(body) : undefined);
  let given = 0;
  for (const part of stream) {
    if (response.destroyed) return;
    const rest = fault?.kind === 'body' ? part.subarray(0, Math.max(0, fault.after - given)) : part;
    const bytes = fault?.kind === 'wrong-bytes' ? Uint8Array.from(rest, (byte) => byte ^ 1) : rest;
    given += bytes.length;
    if (!response.write(bytes)) await drained(response);
    if (fault?.kind === 'body' && given >= fault.after) {
      // What was written must be on its way before the end comes.
      await wait(20);
      if (fault.ending === 'drip') await drip(response);
      if (fault.ending === 'cut') response.destroy();
      else if (fault.ending === 'end') response.end();
      return;
    }
  }
  response.end();
}

/** A byte now and then, as long as somebody takes them. */
async function drip(response: ServerResponse): Promise<void> {
  while (!response.destroyed) {
    response.write(Uint8Array.of(0));
    await wait(100);
  }
}

const drained = (response: ServerResponse): Promise<void> =>
  new Promise((done) => {
    response.once('drain', done);
    response.once('close', done);
  });
