import { lazily } from '../lazily.ts';
import type { Structures } from '../structures.ts';
import { isUserAddress } from './process-header.ts';
import { unicodeString } from './unicode-string.ts';

/** What a process was started with, as its own memory tells it: it can have changed that. */
export interface ProcessParameters {
  readonly path: string | null;
  readonly commandLine: string | null;
  readonly computerName: string | null;
  readonly session: number | null;
}

/** PEB and RTL_USER_PROCESS_PARAMETERS, x64: the same in every version since Windows 7. */
const PEB = { parameters: 0x20, build: 0x120, session: 0x2c0 } as const;
const PARAMETERS = { path: 0x60, commandLine: 0x70, environment: 0x80 } as const;
const ENVIRONMENT_BYTES = 32_768;

/** Null where the process' environment block or its parameters are not in RAM. The texts are read when they are asked for. */
export function readParameters(user: Structures, peb: bigint): ProcessParameters | null {
  const parameters = user.pointer(peb, PEB.parameters);
  if (!isUserAddress(parameters)) return null;
  const text = (offset: number): (() => string | null) =>
    lazily(() => unicodeString(user, parameters + BigInt(offset), parameters));
  const path = text(PARAMETERS.path);
  const commandLine = text(PARAMETERS.commandLine);
  return {
    get path() {
      return path();
    },
    get commandLine() {
      return commandLine();
    },
    get session() {
      return user.isReadable(peb + BigInt(PEB.session)) ? user.u32(peb, PEB.session) : null;
    },
    get computerName() {
      return environmentValue(
        user,
        user.pointer(parameters, PARAMETERS.environment),
        'COMPUTERNAME',
      );
    },
  };
}

/** The build number that the loader wrote into the PEB: Windows 7 and 8 tell it nowhere else at a known place. */
export function buildInPeb(user: Structures, peb: bigint): number | null {
  const build = user.u16(peb, PEB.build);
  return build >= 7600 ? build : null;
}

function environmentValue(user: Structures, at: bigint, name: string): string | null {
  if (!isUserAddress(at)) return null;
  const text = user.bytes(at, ENVIRONMENT_BYTES).toString('utf16le');
  const end = text.indexOf('\0\0');
  const line = (end < 0 ? text : text.slice(0, end))
    .split('\0')
    .find((one) => one.toUpperCase().startsWith(`${name}=`));
  return line?.slice(name.length + 1) || null;
}
