import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import type { Duplex } from 'node:stream';
import { delimiter, join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';

export interface Browser {
  readonly context: BrowserContext;
  /** What the browser asked the network for: it has no way out but through a listener that writes down and refuses. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

/** The machine's own chromium with a fresh profile; every connection of it ends at a listener of ours. */
export async function startChromium(
  options: { javaScriptEnabled?: boolean } = {},
): Promise<Browser> {
  const asked: string[] = [];
  const listener = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.writeHead(403).end();
  });
  const tunnels = new Set<Duplex>();
  listener.on('connect', (request, socket) => {
    tunnels.add(socket);
    asked.push(`CONNECT ${request.url}`);
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  });
  await new Promise<void>((resolve) => void listener.listen(0, '127.0.0.1', resolve));
  // eslint-disable-next-line typescript/no-unsafe-type-assertion -- a TCP server has an AddressInfo
  const { port } = listener.address() as AddressInfo;
  const profile = mkdtempSync(join(tmpdir(), 'ip2process-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: pathOf('chromium'),
    proxy: { server: `http://127.0.0.1:${port}`, bypass: '<-loopback>' },
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
    ...options,
  });
  return {
    context,
    asked,
    async close() {
      await context.close();
      for (const tunnel of tunnels) tunnel.destroy();
      listener.closeAllConnections();
      await new Promise((resolve) => void listener.close(resolve));
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

const pathOf = (program: string): string =>
  (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find((path) => existsSync(path)) ?? program;
