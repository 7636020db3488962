// What the browser tests share: servers that are started and stopped, pages that are watched, and what every page must keep.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import { chromium } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const shots = process.env.HOMEWARD_SCREENSHOTS;

export const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
export const WIDTHS = { desktop: 1280, phone: 390, narrow: 320 };

const children = [];

// Starts a server and gives its address once it is ready.
export function start(program, args) {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  return new Promise((resolve, reject) => {
    let said = "";
    child.stdout.on("data", (piece) => {
      said += piece;
      const found = said.match(/listening on (http:\/\/\S+)/);
      if (found) resolve(found[1]);
    });
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`${program} ended with ${code}: ${said}`)));
  });
}

// Stops every server that was started.
export function stop() {
  for (const child of children) child.kill("SIGINT");
}

// A page at a width, watched: what it asks of other hosts and what the browser complains about.
export async function watched(browser, width = WIDTHS.desktop) {
  const page = await browser.newPage();
  await page.setViewportSize({ width, height: 900 });
  const complaints = [];
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.protocol !== "data:" && url.hostname !== "127.0.0.1") complaints.push(`asked ${url.href}`);
  });
  page.on("console", (message) => {
    if (/content security policy|refused to/i.test(message.text())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  return { page, complaints };
}

// What every page must keep; a picture of it goes to HOMEWARD_SCREENSHOTS.
export async function check({ page, complaints }, name) {
  if (shots) await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run(document));
  const violations = found.violations.map(
    (one) => `${one.id}: ${one.help}: ${one.nodes.map((node) => node.target).join(" ")}`,
  );
  assert.deepEqual(violations, [], `${name}: accessibility`);
  assert.deepEqual(complaints, [], `${name}: complaints`);
  const [inside, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(inside <= window, `${name}: ${inside} pixels wide in a window of ${window}`);
}

// A demo that serves while the tests of a file run, and its people: `site` and `browser` are there once the tests begin.
export function demo(name) {
  const scratch = mkdtempSync(join(tmpdir(), `homeward-${name}-`));
  const there = { site: "", browser: null, accounts: [] };

  before(async () => {
    if (shots) mkdirSync(shots, { recursive: true });
    there.site = await start(process.env.HOMEWARD, ["--data", join(scratch, "demo"), "demo", "--postings", "2000", "--listen", "127.0.0.1:0"]);
    there.browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: flags, headless: true });
  });

  after(async () => {
    await there.browser?.close();
    stop();
    rmSync(scratch, { recursive: true, force: true });
  });

  // Somebody at their own browser, signed in with what the page of the demo shows.
  there.person = async (name) => {
    const visited = await watched(await there.browser.newContext());
    const { page } = visited;
    await page.goto(`${there.site}/sign-in`);
    there.accounts = await page.$$eval("table tbody tr", (rows) =>
      rows.map((row) => [...row.cells].map((cell) => cell.textContent.trim())),
    );
    const row = there.accounts.find(([account]) => account.startsWith(`${name}@`));
    assert.ok(row, `the demo shows no ${name}`);
    await page.fill("#account", row[0]);
    await page.fill("#password", row[1]);
    await page.click("main button[type=submit]");
    await page.waitForURL(`${there.site}/day`);
    return visited;
  };
  return there;
}

// The page as it stands at each width.
export async function looks(visited, name, widths = WIDTHS) {
  for (const [width, pixels] of Object.entries(widths)) {
    await visited.page.setViewportSize({ width: pixels, height: 900 });
    await check(visited, `${name}-${width}`);
  }
  await visited.page.setViewportSize({ width: WIDTHS.desktop, height: 900 });
}
