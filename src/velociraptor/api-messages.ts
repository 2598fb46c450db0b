import { fromJSON, type MethodDefinition, type ServiceDefinition } from '@grpc/proto-loader';

/**
 * The part of Velociraptor's API that is used, wire-compatible: field numbers count, names do not. Here and not in a .proto file,
 * for the program is bundled into one file.
 *
 * Source: Velociraptor 0.77, api/proto/api.proto, actions/proto/vql.proto. Upstream promises Query and VFSGetBuffer stable.
 */
const MESSAGES = {
  VQLRequest: { VQL: [1, 'string'], Name: [2, 'string'] },
  VQLEnv: { key: [1, 'string'], value: [2, 'string'] },
  VQLCollectorArgs: {
    Query: [2, 'VQLRequest', 'repeated'],
    env: [3, 'VQLEnv', 'repeated'],
    /** Rows a message. */
    max_row: [4, 'uint64'],
    /** Seconds before a message that is not full. */
    max_wait: [6, 'uint64'],
    /** Seconds. */
    timeout: [25, 'uint64'],
    org_id: [35, 'string'],
  },
  VQLResponse: {
    /** JSON array of rows. */
    Response: [1, 'string'],
    Columns: [2, 'string', 'repeated'],
    log: [9, 'string'],
  },
  VFSFileBuffer: {
    client_id: [1, 'string'],
    offset: [3, 'uint64'],
    length: [4, 'uint32'],
    data: [5, 'bytes'],
    components: [6, 'string', 'repeated'],
    org_id: [7, 'string'],
  },
} as const satisfies Record<
  string,
  Record<string, readonly [id: number, type: string, rule?: 'repeated']>
>;

const definition = fromJSON(
  {
    nested: {
      proto: {
        nested: {
          ...Object.fromEntries(
            Object.entries(MESSAGES).map(([name, fields]) => [
              name,
              {
                fields: Object.fromEntries(
                  Object.entries<readonly [number, string, 'repeated'?]>(fields).map(
                    ([field, [id, type, rule]]) => [field, { id, type, ...(rule ? { rule } : {}) }],
                  ),
                ),
              },
            ]),
          ),
          API: {
            methods: {
              Query: {
                requestType: 'VQLCollectorArgs',
                responseType: 'VQLResponse',
                responseStream: true,
                comment: '',
              },
              VFSGetBuffer: {
                requestType: 'VFSFileBuffer',
                responseType: 'VFSFileBuffer',
                comment: '',
              },
            },
          },
        },
      },
    },
  },
  { keepCase: true, longs: Number, defaults: true },
);

/** The service, for a client or a server. */
export const apiService: ServiceDefinition = serviceOf('proto.API');

/** One of its methods. */
export function apiMethod(name: 'Query' | 'VFSGetBuffer'): MethodDefinition<object, object> {
  const method = apiService[name];
  if (!method) throw new Error(`the API has no ${name}`);
  return method;
}

function serviceOf(name: string): ServiceDefinition {
  const found = definition[name];
  if (!found || isMessage(found)) throw new Error(`${name} is no service`);
  return found;
}

function isMessage(
  one: (typeof definition)[string],
): one is Exclude<typeof one, ServiceDefinition> {
  return 'format' in one;
}
