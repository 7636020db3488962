// Cases in a real browser: who works one reads its matrix, its chains and its chart at every width; an investigator opens one and a
// supervisor accepts it. Run by `cargo xtask test`, as the other files here.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";

import { WIDTHS, check, flags, start, stop, watched } from "./support.mjs";

if (process.env.HOMEWARD_SCREENSHOTS) mkdirSync(process.env.HOMEWARD_SCREENSHOTS, { recursive: true });
const scratch = mkdtempSync(join(tmpdir(), "homeward-cases-"));
let site, browser;

before(async () => {
  site = await start(process.env.HOMEWARD, ["--data", join(scratch, "demo"), "demo", "--postings", "2000", "--listen", "127.0.0.1:0"]);
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: flags, headless: true });
});

after(async () => {
  await browser?.close();
  stop();
  rmSync(scratch, { recursive: true, force: true });
});

// Somebody at their own browser, signed in.
async function person(account) {
  const visited = await watched(await browser.newContext());
  const { page } = visited;
  await page.goto(`${site}/sign-in`);
  await page.fill("#account", `${account}@example.org`);
  await page.fill("#password", "homeward-demo");
  await page.click("main button[type=submit]");
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
  return visited;
}

async function looks(visited, name) {
  for (const [width, pixels] of Object.entries(WIDTHS)) {
    await visited.page.setViewportSize({ width: pixels, height: 900 });
    await check(visited, `${name}-${width}`);
  }
  await visited.page.setViewportSize({ width: WIDTHS.desktop, height: 900 });
}

test("a case is read by who works it", async () => {
  for (const account of ["investigator", "supervisor", "prosecutor"]) {
    const visited = await person(account);
    const { page } = visited;
    await page.goto(`${site}/cases`);
    await looks(visited, `cases-${account}`);
    await page.click("tbody a:has-text('1591')");
    for (const summary of await page.locator("details summary").all()) await summary.click();
    assert.match(await page.textContent("main"), /gap/);
    await looks(visited, `case-${account}`);
    await page.close();
  }
});

test("an investigator opens a case and a supervisor accepts it", async () => {
  const visited = await person("investigator");
  const { page } = visited;
  await page.goto(`${site}/cases/new`);
  await looks(visited, "case-new");
  await page.fill("#crime", "18 U.S.C. 1594(c)");
  await page.fill("#facts", "Two names on one lease, and one card for both.");
  await page.click("main form button");
  assert.match(await page.textContent("[role=status]"), /was opened/);
  const { page: other } = await person("supervisor");
  await other.goto(page.url());
  await other.click("#accept ~ form button");
  assert.match(await other.textContent("h1"), /accepted/);
});
