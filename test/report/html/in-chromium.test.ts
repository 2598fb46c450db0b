import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { printHtml } from '../../../src/report/print-html.ts';
import { type Browser, startChromium } from '../../support/chromium.ts';
import { eventfulReport } from '../../support/eventful-report.ts';
import { OUTSIDE, PAYLOADS, REDIRECT } from '../../support/hostile-text.ts';
import { requires } from '../../support/requires.ts';
import { withText } from '../../support/with-text.ts';

const inChromium = requires('chromium', 'apt-get install chromium');
const folder = mkdtempSync(join(tmpdir(), 'ip2process-html-'));
let browser: Browser;

beforeAll(async () => {
  if (inChromium.isPresent) browser = await startChromium();
});
afterAll(async () => {
  if (inChromium.isPresent) await browser.close();
  rmSync(folder, { recursive: true });
});

/** Opens a page as a file, then does to it all that a reader could: opens, points at, focuses and clicks everything. */
async function opened(html: string, width = 1280): Promise<Page> {
  const path = join(folder, 'report.html');
  writeFileSync(path, html);
  const page = await browser.context.newPage();
  await page.setViewportSize({ width, height: 900 });
  await page.goto(pathToFileURL(path).href, { waitUntil: 'load' });
  await page.waitForTimeout(100);
  return page;
}

const TOUCH_ALL = `for (const one of document.querySelectorAll('*')) {
  if (one.tagName === 'DETAILS') one.open = true;
  one.dispatchEvent(new MouseEvent('mouseover', { bubbles: true }));
  if (one.focus) one.focus();
  if (one.tagName === 'BUTTON') one.click();
}`;

const outside = (): string[] => browser.asked.filter((one) => one.includes('out.example'));
const caught = (page: Page): Promise<unknown> =>
  page.evaluate('window.caught ?? document.title === "caught"');

describe('hostile text', () => {
  inChromium('is caught by this test when it stands on a page as it is', async () => {
    const page = await opened(`<!doctype html><meta charset="utf-8">${PAYLOADS.join('\n')}`);
    expect(await caught(page)).toBe(true);
    expect(outside().length).toBeGreaterThan(0);
    await page.close();
  });

  inChromium(
    'runs no script and lets no request leave when it fills every field',
    async () => {
      const before = outside().length;
      for (const text of [
        ...PAYLOADS,
        REDIRECT,
        [...PAYLOADS, REDIRECT].join(''),
        `<b>${'A'.repeat(2 ** 20)}`,
      ]) {
        const page = await opened(printHtml(withText(eventfulReport(), text)));
        await page.evaluate(TOUCH_ALL);
        await page.waitForTimeout(100);
        expect(await caught(page)).toBe(false);
        expect(page.url()).toContain('report.html');
        await page.close();
      }
      expect(outside().slice(before)).toEqual([]);
    },
    180_000,
  );

  inChromium('is held by the policy even if it stood on our page unescaped', async () => {
    const before = outside().length;
    const broken = printHtml(eventfulReport()).replace(
      '<main>',
      () => `<main>${PAYLOADS.join('\n')}`,
    );
    const page = await opened(broken);
    await page.evaluate(TOUCH_ALL.replace("if (one.tagName === 'BUTTON') one.click();", ''));
    await page.waitForTimeout(200);
    expect(await caught(page)).toBe(false);
    expect(outside().slice(before)).toEqual([]);
    await page.close();
  });
});

describe('the page', () => {
  inChromium('accepts its own style and script by the hashes of its policy', async () => {
    const page = await opened(printHtml(eventfulReport()));
    const background = await page.evaluate('getComputedStyle(document.body).backgroundColor');
    expect(background).toBe('rgb(245, 243, 238)');
    expect(await page.locator('.command button').first().isVisible()).toBe(true);
    await page.close();
  });

  for (const width of [320, 420, 820, 1280]) {
    inChromium(`needs no sideways scrolling at ${width} pixels, whatever it holds`, async () => {
      for (const report of [eventfulReport(), withText(eventfulReport(), 'W'.repeat(5000))]) {
        const page = await opened(printHtml(report), width);
        await page.evaluate(TOUCH_ALL);
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(
          width,
        );
        await page.close();
      }
    });
  }

  inChromium('copies a command', async () => {
    const page = await opened(printHtml(eventfulReport()));
    await page.locator('.command button').first().click();
    await page.getByText('Copied').waitFor({ timeout: 5000 });
    await page.close();
  });

  inChromium('opens the process that a link of the table leads to', async () => {
    const page = await opened(printHtml(eventfulReport()));
    const folded = page.locator('#p3');
    expect(await folded.isVisible()).toBe(false);
    await page.getByRole('link', { name: 'reader' }).click();
    await folded.waitFor({ state: 'visible', timeout: 5000 });
    await page.close();
  });

  inChromium('is worked by keyboard alone', async () => {
    const page = await opened(printHtml(eventfulReport()));
    const summary = page.locator('#carriers summary').first();
    const inside = page.locator('#carriers table').first();
    expect(await inside.isVisible()).toBe(false);
    for (let tabs = 0; tabs < 100; tabs += 1) {
      await page.keyboard.press('Tab');
      if (await summary.evaluate((one) => one.matches(':focus-visible'))) break;
    }
    await page.keyboard.press('Enter');
    expect(await inside.isVisible()).toBe(true);
    await page.close();
  });

  inChromium('prints what is folded', async () => {
    const page = await opened(printHtml(eventfulReport()));
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('#carriers table').first().isVisible()).toBe(true);
    expect(await page.locator('nav').isVisible()).toBe(false);
    await page.close();
  });

  inChromium('says all without any script', async () => {
    const scriptless = await startChromium({ javaScriptEnabled: false });
    try {
      const page = await scriptless.context.newPage();
      const path = join(folder, 'scriptless.html');
      writeFileSync(path, printHtml(eventfulReport()));
      await page.goto(pathToFileURL(path).href);
      expect(await page.locator('h1').innerText()).toContain('beacond (PID 299) is responsible');
      expect(await page.locator('.command pre').first().isVisible()).toBe(true);
      expect(await page.locator('.command button').first().isVisible()).toBe(false);
      await page.locator('#carriers summary').first().click();
      expect(await page.locator('#carriers table').first().isVisible()).toBe(true);
      expect(scriptless.asked.filter((one) => one.includes(OUTSIDE))).toEqual([]);
    } finally {
      await scriptless.close();
    }
  });
});
