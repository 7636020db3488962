// Visits every page with a real browser, in both languages and at three widths: no accessibility violation, no request
// to another host, no breach of the content security policy, nothing wider than the window; then the keyboard, the quick
// exit, and the forms. Screenshots go to HOMEWARD_SCREENSHOTS.
//
// Run by `cargo xtask test`, which names the programs: HOMEWARD (the binary), CHROMIUM.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";

import { WIDTHS, check, flags, start, stop, watched } from "./support.mjs";

const shots = process.env.HOMEWARD_SCREENSHOTS;
const scratch = mkdtempSync(join(tmpdir(), "homeward-browser-"));
const EXIT = "https://www.weather.gov/";

let closed, open, browser;

before(async () => {
  if (shots) mkdirSync(shots, { recursive: true });
  closed = await start(process.env.HOMEWARD, ["--data", join(scratch, "data"), "serve", "--listen", "127.0.0.1:0"]);
  open = await start(process.env.HOMEWARD, ["--data", join(scratch, "demo"), "demo", "--postings", "2000", "--listen", "127.0.0.1:0"]);
  browser = await chromium.launchPersistentContext(join(scratch, "profile"), {
    executablePath: process.env.CHROMIUM,
    args: flags,
    headless: true,
  });
});

after(async () => {
  await browser?.close();
  stop();
  rmSync(scratch, { recursive: true, force: true });
});

const visit = (width) => watched(browser, width);

const PAGES = [
  ["help", () => closed, "/help"],
  ["help-zip", () => closed, "/help?zip=28202"],
  ["help-zip-unknown", () => closed, "/help?zip=00000"],
  ["tip-closed", () => closed, "/tip"],
  ["tip", () => open, "/tip"],
  ["sign-in-closed", () => closed, "/sign-in"],
  ["sign-in", () => open, "/sign-in"],
  ["api", () => closed, "/api"],
  ["not-found", () => closed, "/nowhere"],
];

for (const [name, site, path] of PAGES) {
  for (const lang of ["en", "es"]) {
    for (const [width, pixels] of Object.entries(WIDTHS)) {
      test(`${name}, ${lang}, ${width}`, async () => {
        const visited = await visit(pixels);
        await visited.page.goto(`${site()}${path}${path.includes("?") ? "&" : "?"}lang=${lang}`);
        assert.equal(await visited.page.getAttribute("html", "lang"), lang);
        await check(visited, `${name}-${lang}-${width}`);
        await visited.page.close();
      });
    }
  }
}

test("the keyboard reaches the quick exit second, after the skip link", async () => {
  for (const path of ["/help", "/tip", "/nowhere"]) {
    const { page } = await visit();
    await page.goto(closed + path);
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute("href")), "#main", path);
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Quick exit", path);
    await page.close();
  }
});

test("quick exit leaves by Esc, by click, and without scripts; Esc leaves no way back to the page", async () => {
  const leave = async (page, act) => {
    await page.route(`${EXIT}**`, (route) => route.fulfill({ contentType: "text/html", body: "<title>weather</title>" }));
    await page.goto(`${closed}/api`);
    await page.goto(`${closed}/help`);
    const asked = page.waitForRequest((request) => request.url() === EXIT);
    await act(page);
    assert.equal((await (await asked).allHeaders()).referer, undefined);
    await page.waitForURL(EXIT);
  };
  const { page } = await visit();
  await leave(page, (page) => page.keyboard.press("Escape"));
  await page.goBack();
  assert.equal(page.url(), `${closed}/api`);
  await leave(page, (page) => page.click("[data-quick-exit]"));
  await page.close();
  const plain = await chromium.launch({ executablePath: process.env.CHROMIUM, args: flags, headless: true });
  const context = await plain.newContext({ javaScriptEnabled: false });
  await leave(await context.newPage(), (page) => page.click("[data-quick-exit]"));
  await plain.close();
});

test("a ZIP code is looked up in place, and the address of the page does not tell it", async () => {
  const visited = await visit();
  const { page } = visited;
  await page.goto(`${closed}/help?lang=es`);
  await page.fill("#zip", "28202");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#local h3");
  assert.match(await page.textContent("#local"), /Charlotte-Mecklenburg Police Department/);
  assert.match(await page.textContent("#local"), /Policía/);
  assert.equal(page.url(), `${closed}/help?lang=es`);
  await check(visited, "help-looked-up-es");
  await page.close();
});

test("on paper there are numbers and the time, but no buttons that do nothing", async () => {
  const { page } = await visit();
  await page.goto(`${closed}/help?zip=28202`);
  await page.emulateMedia({ media: "print" });
  for (const hidden of ["[data-quick-exit]", ".hw-nav", ".hw-find"]) assert.ok(await page.isHidden(hidden), hidden);
  for (const shown of ["a[href='tel:911']", ".hw-footer", "#local"]) assert.ok(await page.isVisible(shown), shown);
  if (shots) await page.screenshot({ path: join(shots, "help-print.png"), fullPage: true });
  await page.close();
});

test("a tip is sent, thanked for once, and what is wrong is said", async () => {
  const visited = await visit(WIDTHS.phone);
  const { page } = visited;
  await page.goto(`${open}/tip`);
  await page.fill("#text", "Two vans by the bridge, call 704-555-0142");
  await page.fill("#links", "not a link");
  await page.click("button[type=submit]");
  assert.match(await page.textContent("[role=alert]"), /Links: at most ten/);
  assert.match(await page.inputValue("#text"), /704-555-0142/);
  await check(visited, "tip-wrong-phone");
  await page.fill("#links", "https://example.org/page");
  await page.click("button[type=submit]");
  assert.match(await page.textContent("[role=status]"), /received.*[0-9a-f]{8}-/);
  await check(visited, "tip-thanks-phone");
  await page.reload();
  assert.equal(await page.locator("[role=status]").count(), 0);
  await page.close();
});

test("a wrong password is refused", async () => {
  const visited = await visit();
  const { page } = visited;
  await page.goto(`${open}/sign-in`);
  await page.fill("#account", "analyst@example.org");
  await page.fill("#password", "wrong");
  await page.click("button[type=submit]");
  assert.match(await page.textContent("[role=alert]"), /is not right, or the account is locked/);
  await check(visited, "sign-in-refused");
  await page.close();
});
