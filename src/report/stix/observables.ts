import { posix, win32 } from 'node:path';
import type { Report, ReportProcess } from '../report.ts';
import { observableId, ownId } from './ids.ts';

/** A STIX Cyber-observable Object; its properties are as the specification names them. */
export interface Observable {
  readonly type: string;
  readonly spec_version: '2.1';
  readonly id: string;
  readonly [property: string]: unknown;
}

const TYPES = { ipv4: 'ipv4-addr', ipv6: 'ipv6-addr', domain: 'domain-name', url: 'url' } as const;

/** An indicator as an observable; null for a kind that STIX has no object for. */
export function indicatorObject(kind: string, text: string): Observable | null {
  const type = Object.entries(TYPES).find(([name]) => name === kind)?.[1];
  return type ? observable(type, { value: text }) : null;
}

export const addressObject = (address: string): Observable =>
  observable(address.includes(':') ? TYPES.ipv6 : TYPES.ipv4, { value: address });

/** A connection: its two ends first, for the order in a bundle. */
export function trafficObjects(
  socket: Pick<ReportProcess['sockets'][number], 'protocol' | 'local' | 'remote' | 'state'>,
): Observable[] {
  const { protocol, local, remote, state } = socket;
  const source = addressObject(local.address);
  const target = remote && addressObject(remote.address);
  const traffic = observable('network-traffic', {
    src_ref: source.id,
    dst_ref: target?.id,
    src_port: local.port,
    dst_port: remote?.port,
    protocols: [local.address.includes(':') ? 'ipv6' : 'ipv4', protocol],
  });
  const isActive = state === null ? {} : { is_active: state === 'ESTABLISHED' };
  return [source, ...(target ? [target] : []), { ...traffic, ...isActive }];
}

/** A program file: its folder first. */
export function fileObjects(path: string): Observable[] {
  const paths = path.includes('\\') ? win32 : posix;
  const name = paths.basename(path);
  if (name === '') return [];
  const folder = paths.dirname(path);
  if (folder === '.') return [observable('file', { name })];
  const directory = observable('directory', { path: folder });
  return [directory, observable('file', { name, parent_directory_ref: directory.id })];
}

/** A process has no contributing properties: `key` tells it from others. */
export function processObject(
  process: ReportProcess,
  key: string,
  refs: { readonly image: string | null; readonly connections: readonly string[] },
): Observable {
  const { pid, commandLine, startTime, hidden } = process;
  return {
    type: 'process',
    spec_version: '2.1',
    id: ownId('process', key),
    pid,
    is_hidden: hidden,
    ...(commandLine === null || commandLine === '' ? {} : { command_line: commandLine }),
    ...(startTime === null ? {} : { created_time: startTime }),
    ...(refs.image === null ? {} : { image_ref: refs.image }),
    ...(refs.connections.length === 0 ? {} : { opened_connection_refs: refs.connections }),
  };
}

/** With the identifier that its properties give. */
function observable(type: string, properties: Readonly<Record<string, unknown>>): Observable {
  const told = Object.fromEntries(
    Object.entries(properties).filter(([, value]) => value !== undefined && value !== null),
  );
  return { type, spec_version: '2.1', id: observableId(type, told), ...told };
}

/** Of a report: whatever distinguishes its machine and moment from every other. */
export const imageKey = ({ image, system, live }: Report): string =>
  image
    ? (image.sha256 ??
      [system?.hostName, system?.release, system?.bootTime, system?.captureTime, image.path].join(
        ' ',
      ))
    : [live?.provenance.server, live?.provenance.client, live?.provenance.flow].join(' ');
