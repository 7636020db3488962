// A child in care, in a real browser: the victim specialist of the demo opens her pages on a telephone, a partner answers a
// referral, and a supervisor finds no page of care. Every page on the way is checked at three widths.
//
// Run by `cargo xtask test`, which names the programs: HOMEWARD (the binary), CHROMIUM.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { WIDTHS, check, flags, start, stop, watched } from "./support.mjs";

const PASSWORD = "homeward-demo";
const scratch = mkdtempSync(join(tmpdir(), "homeward-care-"));
let site, browser;

before(async () => {
  if (process.env.HOMEWARD_SCREENSHOTS) mkdirSync(process.env.HOMEWARD_SCREENSHOTS, { recursive: true });
  site = await start(process.env.HOMEWARD, ["--data", join(scratch, "demo"), "demo", "--postings", "2000", "--listen", "127.0.0.1:0"]);
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: flags, headless: true });
});

after(async () => {
  await browser?.close();
  stop();
  rmSync(scratch, { recursive: true, force: true });
});

// Somebody at their own browser.
async function person(name) {
  const visited = await watched(await browser.newContext());
  const { page } = visited;
  await page.goto(`${site}/sign-in`);
  await page.fill("#account", `${name}@example.org`);
  await page.fill("#password", PASSWORD);
  await page.click("main button[type=submit]");
  await page.waitForURL(`${site}/day`);
  return visited;
}

// The page as it stands at each width, and on a telephone of 375 pixels.
async function looks(visited, name) {
  for (const [width, pixels] of Object.entries({ ...WIDTHS, small: 375 })) {
    await visited.page.setViewportSize({ width: pixels, height: 900 });
    await check(visited, `care-${name}-${width}`);
  }
}

test("a specialist works on a telephone, a partner answers, and nobody else opens the page", async () => {
  const specialist = await person("specialist");
  const { page } = specialist;
  await looks(specialist, "day-specialist");
  await page.goto(`${site}/victims`);
  await looks(specialist, "victims");
  await page.click("text=Avery Sampleton");
  await looks(specialist, "victim");
  await page.click("text=Care: plan, notes, referrals");
  await page.waitForURL(/\/care$/);
  await looks(specialist, "care");
  const care = page.url();
  const note = page.locator("form[action$='/note']");
  await note.locator("textarea").fill("Called her aunt. Will start at the school on Monday.");
  await note.locator("button").click();
  await page.waitForURL(/\/care/);
  assert.match(await page.textContent("#notes ~ ul"), /Monday/);
  await page.goto(`${site}/releases/form`);
  await looks(specialist, "release-form");

  const partner = await person("law-partner");
  await looks(partner, "day-partner");
  await partner.page.goto(`${site}/referrals`);
  await looks(partner, "referrals");
  await partner.page.click("main table tbody a");
  await looks(partner, "referral");
  await partner.page.locator("form[action$='/accept'] button").click();
  assert.match(await partner.page.textContent("[role=status]"), /recorded/);
  await partner.page.click("text=What your organisation keeps of them");
  await looks(partner, "care-partner");
  await partner.page.goto(`${site}/provider-records`);
  await looks(partner, "provider-records");

  const supervisor = await person("supervisor");
  await looks(supervisor, "day-supervisor");
  assert.match(await supervisor.page.textContent("main"), /Victims without a specialist/);
  assert.equal((await supervisor.page.goto(care)).status(), 404);
  await supervisor.page.goto(care.replace(/\/care$/, ""));
  await looks(supervisor, "victim-supervisor");
});
