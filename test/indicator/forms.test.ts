import { expect, test } from '@jest/globals';
import { FORMS } from '../../src/indicator/forms.ts';

test.each(Object.entries(FORMS))('the form %s is weighed and told in full sentences', (_, form) => {
  expect(form.weight).toBeGreaterThan(0);
  expect(form.weight).toBeLessThanOrEqual(1);
  expect(form.meaning).toMatch(/^[A-Z].*\.$/u);
  expect(form.reason).toMatch(/^[A-Z].*\.$/u);
});

test('forms are listed by falling weight', () => {
  const weights = Object.values(FORMS).map(({ weight }) => weight);
  expect(weights).toEqual(weights.toSorted((one, other) => other - one));
});

test('bare bytes weigh next to nothing, a request more than any mention', () => {
  expect(FORMS['ipv4-bytes'].weight).toBeLessThanOrEqual(0.1);
  expect(FORMS['ipv6-bytes'].weight).toBeLessThanOrEqual(0.1);
  for (const mention of ['text', 'ip-port', 'host-port', 'url', 'subdomain'] as const) {
    expect(FORMS['connect-request'].weight).toBeGreaterThan(FORMS[mention].weight);
  }
});
