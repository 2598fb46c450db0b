/** More clients that are wrong on purpose: in how they come to TheHive, and in what they make of its pages and silences. */
import axios from 'axios';
import { describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { requires } from '../requires.ts';
import { selfSigned } from '../self-signed.ts';
import { startForwardProxy } from './forward-proxy.ts';
import { startHive, VERSIONS } from './hive.ts';
import type { TheHiveStandIn } from './server.ts';
import type { StoredCase } from './store.ts';

const rows = z.array(z.looseObject({ _id: z.string() }));

/** One page of a case's observables. */
async function pageOf(hive: TheHiveStandIn, of: StoredCase, from: number, to: number) {
  const query = [
    { _name: 'getCase', idOrName: of._id },
    { _name: 'observables' },
    { _name: 'sort', _fields: [{ _createdAt: 'asc' }] },
    { _name: 'page', from, to },
  ];
  const headers = { Authorization: `Bearer ${hive.store.accounts[0]?.key}` };
  const url = `${hive.url}/api/v1/query?name=x`;
  const { data } = await axios.post<unknown>(url, { query }, { proxy: false, headers });
  return rows.parse(data).map(({ _id }) => _id);
}

describe.each(VERSIONS)('TheHive %d', (version) => {
  test('H2: a client that writes two slashes finds nothing', async () => {
    const { hive } = await startHive(version);
    const answer = await axios.get(`${hive.url}//api/v1/status`, {
      proxy: false,
      validateStatus: () => true,
    });
    expect(answer.status).not.toBe(200);
  });

  test('H2: a client that knows no password is stopped by the proxy, one that knows no proxy is not seen', async () => {
    const { hive } = await startHive(version);
    const proxy = await startForwardProxy('user:pass');
    try {
      const url = `${hive.url}/api/v1/status`;
      const { hostname: host, port } = new URL(proxy.url);
      const through = await axios.get(url, {
        proxy: { protocol: 'http', host, port: Number(port) },
        validateStatus: () => true,
      });
      expect(through.status).toBe(407);
      expect(proxy.seen).toHaveLength(1);
      await axios.get(url, { proxy: false });
      expect(proxy.seen).toHaveLength(1);
    } finally {
      await proxy.stop();
    }
  });

  test('H3: a client that counts rows loses one where an earlier one is deleted between two pages', async () => {
    const { hive, store, aCase } = await startHive(version);
    const ids = Array.from(
      { length: 4 },
      (_, at) => store.addObservable(aCase._id, { data: `${at}` })._id,
    );
    const first = await pageOf(hive, aCase, 0, 2);
    store.observables.delete(ids[0] ?? '');
    const second = await pageOf(hive, aCase, 2, 4);
    expect(new Set([...first, ...second]).size).toBe(3);
    expect([...first, ...second]).not.toContain(ids[2]);
  });

  test('H4: a client without patience of its own waits for ever for a download that says nothing', async () => {
    const { hive, store, aCase } = await startHive(version);
    const file = store.file('a.raw', new Uint8Array(200_000).fill(7));
    const holder = store.addFile(aCase._id, file);
    hive.faults.add({ when: /GET/, what: { kind: 'body', after: 70_000, ending: 'silence' } });
    const path =
      version === 4
        ? `api/datastore/${file.sha256}?name=x`
        : `api/v1/observable/${holder._id}/attachment/${file.id}/download`;
    const download = axios.get(`${hive.url}/${path}`, {
      responseType: 'arraybuffer',
      proxy: false,
      headers: { Authorization: `Bearer ${store.accounts[0]?.key}` },
      signal: AbortSignal.timeout(700),
    });
    await expect(download).rejects.toThrow('canceled');
  });
});

requires('openssl', 'apt-get install openssl')(
  'H2: a client that is not given the private authority does not come in',
  async () => {
    const { hive } = await startHive(5, { tls: selfSigned() });
    const asked = axios.get(`${hive.url}/api/v1/status`, { proxy: false });
    await expect(asked).rejects.toThrow(/self.signed/);
  },
);
