import { type ServiceError, status } from '@grpc/grpc-js';
import { forTerminal } from '../report/text-safety.ts';
import type { ApiSettings } from './api-settings.ts';
import { VelociraptorError, type VelociraptorReason } from './velociraptor-error.ts';

/** What a failed call means, and what to do. Details come from outside and are shortened. */
export function faultOf(
  error: Pick<ServiceError, 'code' | 'details'>,
  { address, user }: Pick<ApiSettings, 'address' | 'user'>,
): VelociraptorError {
  const details = forTerminal(error.details, 200);
  const [reason, why] = meaningOf(error.code, details, user);
  return new VelociraptorError(reason, `Cannot ask Velociraptor at ${address}: ${why}`, {
    address,
    code: error.code,
  });
}

function meaningOf(code: status, details: string, user: string): [VelociraptorReason, string] {
  if (/certificate|altname|self.signed|ssl alert|tls alert|unable to verify/i.test(details)) {
    const hint = /expired/i.test(details)
      ? 'it has expired: make a new API file, and look at both clocks'
      : 'the API file and the server do not belong together, or one of them was renewed: make a new API file';
    return ['certificate', `the certificates are not accepted (${details}); ${hint}`];
  }
  if (code === status.PERMISSION_DENIED || code === status.UNAUTHENTICATED) {
    return [
      'denied',
      `"${user}" may not (${details}); an administrator must give it the roles api and investigator, and restart the server after that`,
    ];
  }
  if (code === status.RESOURCE_EXHAUSTED) {
    return [
      'too-large',
      `an answer is larger than is taken in one message (${details}); collect with less ContextBytes. The results stay on the server`,
    ];
  }
  if (code === status.DEADLINE_EXCEEDED) {
    return ['slow', `no answer in time (${details}); what it was asked to collect goes on there`];
  }
  if (/HTTP status|http\/1/i.test(details) || code === status.UNIMPLEMENTED) {
    return [
      'unreachable',
      `something else answers there (${details}); the API has a port of its own, 8001 by default, not the GUI's or the clients'`,
    ];
  }
  if (code === status.UNAVAILABLE) {
    return [
      'unreachable',
      `nobody answers (${details}); is API.bind_address of the server reachable from here? It is 127.0.0.1 by default`,
    ];
  }
  return ['failed', `it failed there (${details})`];
}

/** What the server logged instead of rows; null where nothing speaks of a failure. */
export function faultInLogs(logs: readonly string[], user: string): VelociraptorError | null {
  const denied = logs.find((log) =>
    /permission ?denied|not (?:authorized|allowed)|lacks? permission/i.test(log),
  );
  if (denied !== undefined) {
    return new VelociraptorError(
      'denied',
      `Cannot collect with Velociraptor: "${user}" may not (${forTerminal(denied, 200)}); an administrator must give it the roles api and investigator`,
    );
  }
  const slow = logs.find((log) => /timeout error/i.test(log));
  if (slow !== undefined) {
    return new VelociraptorError('slow', `Cannot finish the query: ${forTerminal(slow, 200)}`);
  }
  const failed = logs.find((log) => /vql error|collect_client:|error:/i.test(log));
  return failed === undefined
    ? null
    : new VelociraptorError('failed', `Cannot run the query: ${forTerminal(failed, 200)}`);
}
