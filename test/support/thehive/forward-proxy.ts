import { createServer, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';

/** A web proxy as companies have it: absolute URLs for http, CONNECT for https, perhaps with a password. */
export async function startForwardProxy(credentials: string | null = null) {
  const seen: string[] = [];
  const isAllowed = (header: string | undefined): boolean =>
    credentials === null || header === `Basic ${Buffer.from(credentials).toString('base64')}`;

  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    if (!isAllowed(request.headers['proxy-authorization'])) {
      response.writeHead(407).end();
      return;
    }
    const { 'proxy-authorization': _own, ...headers } = request.headers;
    const onward = httpRequest(request.url ?? '', { method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.writeHead(502).end());
    request.pipe(onward);
  });
  // Tunnels are no longer the server's own connections.
  const tunnels = new Set<Duplex>();
  server.on('connect', (request, client, head) => {
    seen.push(`CONNECT ${request.url}`);
    if (!isAllowed(request.headers['proxy-authorization'])) {
      client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      return;
    }
    const [host, port] = (request.url ?? '').split(':');
    const onward = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      onward.write(head);
      onward.pipe(client).pipe(onward);
    });
    tunnels.add(client).add(onward);
    onward.on('error', () => client.destroy());
    client.on('error', () => onward.destroy());
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    seen,
    url: `http://${credentials ? `${credentials}@` : ''}127.0.0.1:${port}`,
    stop: async () => {
      for (const tunnel of tunnels) tunnel.destroy();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
