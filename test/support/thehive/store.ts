import { createHash } from 'node:crypto';

/** A key of the stand-in, and what it may. */
export interface StoredAccount {
  readonly login: string;
  readonly key: string;
  /** The first is the default. */
  readonly organisations: readonly string[];
  readonly permissions: readonly string[];
}

export interface StoredFile {
  readonly name: string;
  readonly size: number;
  readonly sha256: string;
  readonly contentType: string;
  /** TheHive 5's own; TheHive 4 uses the SHA-256. */
  readonly id: string;
  /** From a byte on. */
  readonly bytes: (from: number) => Iterable<Uint8Array>;
}

interface Stored {
  readonly _id: string;
  readonly _createdBy: string;
  readonly _createdAt: number;
}

export interface StoredCase extends Stored {
  readonly number: number;
  readonly organisation: string;
  title: string;
  description: string;
  tags: string[];
  tlp: number;
  pap: number;
  status: string;
  stage: string;
  readonly attachments: StoredFile[];
}

export interface StoredObservable extends Stored {
  readonly caseId: string;
  readonly dataType: string;
  readonly data: string | null;
  readonly attachment: StoredFile | null;
  message: string;
  tags: string[];
  tlp: number;
  ioc: boolean;
  sighted: boolean;
}

export interface StoredTask extends Stored {
  readonly caseId: string;
  title: string;
  group: string;
  description: string;
  status: string;
}

export interface StoredLog extends Stored {
  readonly taskId: string;
  message: string;
  readonly files: readonly { readonly name: string; readonly text: string }[];
}

export interface StoredPage extends Stored {
  readonly caseId: string;
  title: string;
  content: string;
  category: string;
}

/** An event as notifications see it. */
export interface StoredEvent {
  readonly action: 'create' | 'update' | 'delete';
  readonly objectType: 'Case' | 'Observable' | 'Task' | 'Log' | 'Page';
  readonly objectId: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** H11: numbers beyond 2^53, so that a client which parses them reads the wrong thing. */
const FIRST_ID = 2n ** 53n + 1n;

/** All that the stand-in knows; tests fill it and look into it. */
export class Store {
  readonly accounts: StoredAccount[] = [];
  readonly cases = new Map<string, StoredCase>();
  readonly observables = new Map<string, StoredObservable>();
  readonly tasks = new Map<string, StoredTask>();
  readonly logs = new Map<string, StoredLog>();
  readonly pages = new Map<string, StoredPage>();
  readonly events: StoredEvent[] = [];
  /** Name → holds a file. */
  readonly dataTypes = new Map<string, boolean>(
    [
      'url other user-agent regexp mail-subject registry mail autonomous-system domain ip',
      'uri_path filename hash fqdn hostname',
    ]
      .join(' ')
      .split(' ')
      .map((name) => [name, false] as const),
  );
  #ids = 0n;
  #clock = 1_767_225_600_000;

  constructor() {
    this.dataTypes.set('file', true);
  }

  newId(): string {
    this.#ids += 1n;
    return `~${FIRST_ID + this.#ids}`;
  }

  /** Author and time for something new; two things can have one time, as in life. */
  stamp(login = 'ana@example.org'): Stored {
    const _id = this.newId();
    this.#clock += this.#ids % 3n === 0n ? 0 : 1;
    return { _id, _createdBy: login, _createdAt: this.#clock };
  }

  addCase(changes: Partial<StoredCase> = {}): StoredCase {
    const added: StoredCase = {
      ...this.stamp(),
      number: this.cases.size + 57,
      organisation: 'SOC',
      title: 'Beaconing host',
      description: 'text',
      tags: ['memory'],
      tlp: 2,
      pap: 2,
      status: 'Open',
      stage: 'InProgress',
      attachments: [],
      ...changes,
    };
    this.cases.set(added._id, added);
    return added;
  }

  addObservable(caseId: string, changes: Partial<StoredObservable> = {}): StoredObservable {
    const added: StoredObservable = {
      ...this.stamp(changes._createdBy),
      caseId,
      dataType: 'ip',
      data: '203.0.113.7',
      attachment: null,
      message: 'beacon destination',
      tags: ['c2'],
      tlp: 2,
      ioc: false,
      sighted: false,
      ...changes,
    };
    this.observables.set(added._id, added);
    return added;
  }

  /** A file observable, as an analyst uploads a memory image. */
  addFile(caseId: string, file: StoredFile, changes: Partial<StoredObservable> = {}) {
    return this.addObservable(caseId, {
      dataType: 'file',
      data: null,
      attachment: file,
      ...changes,
    });
  }

  /** A task that a user makes: the log of the case tells of it. */
  addTask(
    caseId: string,
    given: { title: string; group?: string | undefined; description?: string | undefined },
    login: string,
  ): StoredTask {
    const { title, group = 'default', description = '' } = given;
    const stamp = this.stamp(login);
    const added: StoredTask = { ...stamp, caseId, title, group, description, status: 'Waiting' };
    this.tasks.set(added._id, added);
    this.events.push({
      action: 'create',
      objectType: 'Task',
      objectId: added._id,
      details: { title },
    });
    return added;
  }

  file(name: string, content: Uint8Array, changes: Partial<StoredFile> = {}): StoredFile {
    return {
      name,
      size: content.length,
      sha256: createHash('sha256').update(content).digest('hex'),
      contentType: 'application/octet-stream',
      id: this.newId(),
      bytes: (from) => [content.subarray(from)],
      ...changes,
    };
  }

  addAccount(changes: Partial<StoredAccount> = {}): StoredAccount {
    const added: StoredAccount = {
      login: 'ip2process@example.org',
      key: `key-${this.accounts.length}-pi3GAh8xDk20vTz`,
      organisations: ['SOC'],
      permissions: WRITER,
      ...changes,
    };
    this.accounts.push(added);
    return added;
  }

  observablesOf(caseId: string): StoredObservable[] {
    return [...this.observables.values()].filter((one) => one.caseId === caseId);
  }
}

/** Both versions' names, so that one account serves either. */
export const WRITER = [
  'manageObservable',
  'manageTask',
  'manageCase',
  'manageCase/update',
  'managePage',
  'manageAction',
];
