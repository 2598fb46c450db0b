import { expect, test } from '@jest/globals';
import { find, formsIn } from './find.ts';

const IP = '35.178.122.152';
const NAME = 'evil.example';

test.each([
  [IP, `CONNECT ${IP}:443 HTTP/1.1`, 'connect-request'],
  [NAME, `connect ${NAME}:443`, 'connect-request'],
  ['2001:db8::1', 'CONNECT [2001:db8::1]:443 HTTP/1.1', 'connect-request'],
  [IP, `CONNECT [::ffff:${IP}]:443 HTTP/1.1`, 'connect-request'],
  [IP, `disconnect ${IP}:443`, 'ip-port'],
  [IP, `CONNECT ${IP}`, 'text'],
  [IP, `GET http://${IP}/a HTTP/1.1`, 'absolute-uri-request'],
  [NAME, `POST https://me:x@${NAME}:8080/`, 'absolute-uri-request'],
  [`http://${NAME}/a`, `GET http://${NAME}/a HTTP/1.1`, 'absolute-uri-request'],
  [`http://${NAME}/a`, `widget http://${NAME}/a`, 'url'],
  [`http://${NAME}/a`, `see http://${NAME}/a`, 'url'],
  [IP, `Host: ${IP}:8080`, 'host-header'],
  [NAME, `HOST:${NAME}`, 'host-header'],
  ['2001:db8::1', 'Host: [2001:db8::1]', 'host-header'],
  [NAME, `X-Forwarded-Host: ${NAME}`, 'text'],
  [IP, `http://${IP}:8080/`, 'url'],
  [IP, `http://user@${IP}/`, 'url'],
  [IP, `http://[::ffff:${IP}]/`, 'url'],
  [IP, `http://other.example/${IP}`, 'text'],
  [IP, 'http://[::ffff:23b2:7a98]:80/', 'url'],
  [IP, `${IP}:443`, 'ip-port'],
  [IP, `${IP}: 443`, 'text'],
  [IP, `${IP}:0`, 'text'],
  [IP, `[::ffff:${IP}]:443`, 'ip-port'],
  [IP, `::ffff:${IP}`, 'ipv4-mapped'],
  [IP, `0:0:0:0:0:FFFF:${IP}`, 'ipv4-mapped'],
  ['2001:db8::1', '[2001:db8::1]:443', 'ip-port'],
  [NAME, `${NAME}:443`, 'host-port'],
  [NAME, `server=${NAME}`, 'text'],
  [NAME, `Host: www.${NAME}`, 'subdomain'],
])('%s in %j is a %s', (given, text, form) => {
  expect(formsIn(given, text)).toEqual([form]);
  expect(formsIn(given, text, 'utf16le')).toEqual(text.includes('23b2') ? [] : [form]);
});

test('surroundings are read in step with the indicator, at odd addresses too', () => {
  const text = Buffer.from(`${' '.repeat(80)}Host: ${IP}\r\n`, 'utf16le');
  for (const lead of [0, 1, 2, 3]) {
    expect(find(IP, Buffer.concat([Buffer.alloc(lead), text]))).toMatchObject([
      { form: 'host-header' },
    ]);
    expect(find(IP, text.subarray(160 - lead))).toMatchObject([{ form: 'host-header' }]);
  }
});
