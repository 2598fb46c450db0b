import { webPage } from '../thehive/faults.ts';
import { selfSigned } from '../self-signed.ts';
import { click } from './click.ts';
import {
  always,
  byReference,
  DOWNLOAD,
  interrupted,
  smallDisk,
  status,
  withSettings,
  WRITE,
  type CaseWorld,
  type Trouble,
} from './troubles.ts';

const onNew =
  (dataType: string, data: string) =>
  ({ store, case: of }: CaseWorld) => ({
    observable: store.addObservable(of._id, { dataType, data }),
  });

const theJob: readonly Trouble[] = [
  { text: 'Cannot read the job: it is not there', arrange: () => ({ inputText: null }) },
  {
    text: 'Cannot read the job: permission denied',
    arrange: () => ({ runner: { kind: 'docker', uid: 1001, isForeign: true } }),
    isPrinted: true,
    needs: 'namespaces',
  },
  {
    text: 'Cannot read the job: its … characters are not whole JSON',
    arrange: () => ({ inputText: '{"dataType":' }),
  },
  {
    text: 'Cannot use the configuration of the responder',
    arrange: withSettings({ max_images: 'many' }),
  },
  {
    text: 'Cannot run Volatility 3: … is not there',
    arrange: withSettings({ engine: 'volatility3', volatility3_command: '/nowhere/vol' }),
  },
  { text: 'TLP is higher than allowed', arrange: withSettings({ max_tlp: 1 }) },
  { text: 'PAP is higher than allowed', arrange: withSettings({ max_pap: 1 }) },
  { text: 'Killed before the answer was there', arrange: interrupted('SIGKILL') },
  { text: 'Stopped by SIGTERM', arrange: interrupted('SIGTERM') },
  {
    text: "Stopped: the job's time limit of … is nearly reached",
    arrange: (world) => ({
      ...always({ kind: 'body', after: 70_000, ending: 'drip' }, DOWNLOAD)(world),
      // A second of silence is given up five times: enough for a TheHive on a busy machine.
      config: { ...world.config, jobTimeout: 0.25 },
    }),
  },
  {
    text: "Cannot write the report: the disk of the job's folder is full",
    // Not by a download, which leaves room when it goes.
    arrange: (world, evidence) => {
      const disk = smallDisk(4 * 2 ** 20);
      always({ kind: 'meanwhile', do: disk.fill }, WRITE)(world);
      return {
        ...byReference('path:WS-12.raw', { evidence_folder: evidence })(world),
        ...disk.click,
      };
    },
    needs: 'namespaces',
    mayWrite: true,
  },
  {
    text: 'Unforeseen failure',
    arrange: () => {
      // Once the program would notice, and long before it ends.
      const fail =
        'if (process.listenerCount("uncaughtException") > 0) { clearInterval(timer); throw new Error("ours") }';
      const ours = `data:text/javascript,const timer = setInterval(() => { ${fail} }, 5)`;
      const environment = { NODE_OPTIONS: `--import=${encodeURI(ours)}` };
      return { runner: { kind: 'process', environment } };
    },
  },
];

const theClick: readonly Trouble[] = [
  {
    text: 'Cannot look into memory for an observable of type',
    arrange: onNew('mail', 'ana@example.org'),
  },
  {
    text: 'Cannot look into memory for an observable of an alert',
    arrange: () => ({
      change: (input) => {
        const { case: _, ...data } = Object(input.data);
        return { ...input, data: { ...data, alert: { _id: '~1' } } };
      },
    }),
  },
  { text: 'Cannot look for "…"', arrange: onNew('domain', '../../etc/passwd') },
  {
    text: 'Cannot look into case … it has no observable of type',
    arrange: ({ store, ip }) => {
      store.observables.delete(ip._id);
      return { observable: null };
    },
  },
  {
    text: '… answered before, see "…"',
    arrange: async (world) => {
      await click({ ...world, observable: world.ip });
      world.hive.requests.length = 0;
      return {};
    },
    isAnswered: true,
  },
];

const theImage: readonly Trouble[] = [
  {
    text: 'Cannot find a memory image in the case',
    arrange: ({ file }) => {
      file.tags.length = 0;
      return {};
    },
  },
  {
    text: 'Cannot search … memory images at once',
    arrange: ({ store, case: of }) => {
      for (let at = 0; at < 3; at += 1) {
        store.addFile(of._id, store.file(`${at}.raw`, Uint8Array.of(at)), {
          tags: ['memory-image'],
        });
      }
      return {};
    },
  },
  {
    text: 'Cannot use "…": its SHA-256 is …',
    arrange: always({ kind: 'wrong-bytes' }, DOWNLOAD),
  },
  {
    text: '… bytes would come, but the case says …',
    arrange: always({ ...status(200, { 'Content-Length': '5' }), body: '12345' }, DOWNLOAD),
  },
  {
    text: 'Cannot fetch the image into "…": … bytes are free',
    arrange: () => ({ runner: { kind: 'process', diskBytes: 64 * 2 ** 20 } }),
    needs: 'namespaces',
  },
  {
    text: 'Cannot fetch the image into "…": the disk is full',
    arrange: fullWhileItComes,
    needs: 'namespaces',
  },
  {
    text: 'Cannot fetch "…": it has … at most … are allowed',
    arrange: (world) => {
      const { store, case: of, file } = world;
      store.observables.delete(file._id);
      const large = store.file('large.raw', new Uint8Array(0), { size: 2 ** 30 + 1 });
      store.addFile(of._id, large, { tags: ['memory-image'] });
      return withSettings({ max_image_gigabytes: 1 })(world);
    },
  },
  {
    text: 'Cannot fetch "…": there is no evidence folder in the settings',
    arrange: byReference('path:WS-12.raw'),
  },
  {
    text: 'Cannot use "…" as evidence',
    arrange: (world, evidence) =>
      byReference('path:../../etc/passwd', { evidence_folder: evidence })(world),
  },
  {
    text: 'Cannot open "…" (…): there is no such file',
    arrange: (world, evidence) =>
      byReference('path:WS-13.raw', { evidence_folder: evidence })(world),
  },
  {
    text: 'Cannot fetch the image: … is not among the hosts',
    arrange: byReference('https://elsewhere.example.org/a.raw', {
      image_url_hosts: ['evidence.example.org'],
    }),
  },
  {
    text: 'Cannot download "…" … the connection was cut',
    arrange: always({ kind: 'body', after: 70_000, ending: 'cut' }, DOWNLOAD),
  },
  {
    text: 'Cannot download "…" … no byte came for …',
    arrange: (world) => ({
      ...always({ kind: 'body', after: 70_000, ending: 'silence' }, DOWNLOAD)(world),
      // Five silences of 3 s and the waits between them, and as long again for all else.
      config: { ...world.config, jobTimeout: 0.75 },
    }),
  },
  {
    text: 'a proxy packs the bytes on the way',
    arrange: always(status(200, { 'Content-Encoding': 'gzip' }), DOWNLOAD),
  },
  { text: 'the answer is a web page and not the file', arrange: always(webPage(200), DOWNLOAD) },
  {
    text: 'Cannot answer from "…": nothing in it speaks of a Linux or Windows kernel',
    arrange: ({ store, case: of, file }) => {
      store.observables.delete(file._id);
      store.addFile(of._id, store.file('photo.raw', new Uint8Array(2 ** 20)), {
        tags: ['memory-image'],
      });
      return {};
    },
  },
];

/** 32 MiB of which the first come, so that it has begun to be written, and then a disk with no more room. */
function fullWhileItComes(world: CaseWorld) {
  const { store, case: of, file } = world;
  const part = new Uint8Array(16 * 2 ** 20).fill(7);
  const disk = smallDisk(320 * 2 ** 20);
  function* bytes() {
    yield part;
    disk.fill();
    yield part;
  }
  store.observables.delete(file._id);
  const large = store.file('large.raw', new Uint8Array(0), { size: 2 * part.length, bytes });
  store.addFile(of._id, large, { tags: ['memory-image'] });
  return disk.click;
}

const theHive: readonly Trouble[] = [
  { text: 'nothing listens there', arrange: withSettings({ thehive_url: 'http://127.0.0.1:1' }) },
  {
    text: 'its name is not known to DNS',
    arrange: withSettings({ thehive_url: 'http://thehive.invalid' }),
    otherwise: 'DNS does not answer',
  },
  {
    text: 'no complete answer in time',
    arrange: (world) => ({
      ...always({ kind: 'silence' }, /case/)(world),
      config: { ...world.config, jobTimeout: 0.5 },
    }),
  },
  { text: 'it answers 401', arrange: always(status(401)) },
  { text: 'it answers 403', arrange: always(status(403), /case/) },
  { text: 'it answers 404', arrange: always(status(404), /case/) },
  {
    text: 'it answers 413',
    arrange: always(status(413), WRITE),
    isAnswered: true,
    mayWrite: true,
  },
  { text: 'it answers 429', arrange: always(status(429), /case/) },
  { text: 'it failed (500)', arrange: always(status(500), /case/) },
  {
    text: 'its certificate is signed by itself',
    otherwise: 'its certificate is signed by an unknown authority',
    arrange: () => ({}),
    hive: () => ({ tls: selfSigned() }),
    needs: 'openssl',
  },
  { text: 'the answer is a web page and not JSON', arrange: always(webPage(200)) },
  {
    text: 'it redirects',
    arrange: always(status(302, { Location: 'https://login.example.org/' })),
  },
  {
    text: 'the proxy answers 407',
    arrange: (world) => ({
      ...always(status(407))(world),
      config: { ...world.config, proxy_http: world.hive.url },
    }),
  },
  {
    text: 'the case is closed',
    arrange: ({ case: of, hive }) => {
      of.status = hive.version === 4 ? 'Resolved' : 'TruePositive';
      of.stage = 'Closed';
      return {};
    },
    isAnswered: true,
  },
  {
    text: 'lacks the permission …: what needs it was not written',
    arrange: () => ({}),
    permissions: ['manageObservable', 'manageTask'],
    isAnswered: true,
    mayWrite: true,
  },
];

/** By the heading of the table that they stand in. */
export const TROUBLES: Readonly<Record<string, readonly Trouble[]>> = {
  'The job itself': theJob,
  'What was clicked': theClick,
  'The image': theImage,
  TheHive: theHive,
};
