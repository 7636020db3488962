// A day with the record in a real browser: people of the demo sign in, a finding becomes a lead, the lead is triaged, given to
// a detective and worked, and another agency sees nothing of it. Every page on the way is checked at three widths as the
// public pages are.
//
// Run by `cargo xtask test`, which names the programs: HOMEWARD (the binary), CHROMIUM.

import assert from "node:assert/strict";
import { test } from "node:test";
import { WIDTHS, check, demo, looks } from "./support.mjs";

const the = demo("story");
const { person } = the;

test("a finding becomes a lead and is worked", async () => {
  const analyst = await person("analyst");
  const { page } = analyst;
  await looks(analyst, "day-analyst");
  await page.goto(`${the.site}/findings`);
  await looks(analyst, "findings");
  await page.click("main table tbody a");
  await looks(analyst, "finding");
  const admit = page.locator("form[action$='/admit']");
  await admit.locator("textarea, input[name=grounds]").first().fill("two selectors agree, seen again this week");
  await admit.locator("button").click();
  await page.waitForURL(/\/leads\/[0-9a-f-]{36}$/);
  assert.match(await page.textContent("[role=status]"), /lead was made/);
  await looks(analyst, "lead-admitted");
  const lead = page.url();

  const triage = page.locator("form[action$='/triage']");
  await triage.locator("[name=priority]").selectOption("urgent");
  const agency = triage.locator("[name=agency]");
  const eastfield = await agency.locator("option", { hasText: "Eastfield" }).getAttribute("value");
  await agency.selectOption(eastfield);
  await triage.locator("button").click();
  await page.waitForSelector("[role=status]");
  assert.match(await page.textContent("[role=status]"), /triaged/);
  await looks(analyst, "lead-triaged");

  const supervisor = await person("supervisor");
  await looks(supervisor, "day-supervisor");
  await supervisor.page.goto(lead);
  const assign = supervisor.page.locator("form[action$='/assign']");
  const ines = await assign.locator("option", { hasText: "Ines Moreau" }).getAttribute("value");
  await assign.locator("[name=to]").selectOption(ines);
  await assign.locator("button").click();
  assert.match(await supervisor.page.textContent("[role=status]"), /assigned/);
  await looks(supervisor, "lead-assigned");

  const detective = await person("investigator");
  await looks(detective, "day-investigator");
  await detective.page.goto(lead);
  await detective.page.locator("form[action$='/start'] button").click();
  assert.match(await detective.page.textContent("[role=status]"), /begun/);
  await looks(detective, "lead-working");

  const stranger = await person("west-analyst");
  assert.equal((await stranger.page.goto(lead)).status(), 404);
  await looks(stranger, "lead-of-another-agency");
});

// A check on one number at one place; the place is written as exactly as only its own side may read it.
async function asks(visited, latitude) {
  const { page } = visited;
  await page.goto(`${the.site}/checks/new`);
  const day = new Date(Date.now() + 2 * 24 * 3600 * 1000).toISOString().slice(0, 10);
  const fields = { starts: `${day} 14:30`, ends: `${day} 16:30`, latitude, longitude: "-80.8431", selectors: "phone: 704-555-0188" };
  for (const [name, value] of Object.entries(fields)) await page.fill(`#${name}`, value);
  await page.click("main form button[type=submit]");
  await page.waitForURL(/\/checks\/[0-9a-f-]{36}$/);
}

test("two agencies find that they plan the same, and learn whom to call", async () => {
  const detective = await person("investigator");
  await detective.page.goto(`${the.site}/checks/new`);
  await looks(detective, "check-new");
  await asks(detective, "35.2233");
  assert.match(await detective.page.textContent("h1"), /no hit so far/);
  await looks(detective, "check-no-hit");
  const first = detective.page.url();

  const stranger = await person("west-analyst");
  await asks(stranger, "35.2244");
  assert.match(await stranger.page.textContent("h1"), /both told/);
  assert.match(await stranger.page.textContent("main"), /Eastfield/);
  await looks(stranger, "check-hit");
  assert.equal((await stranger.page.goto(first)).status(), 404);

  await detective.page.goto(first);
  assert.match(await detective.page.textContent("h1"), /both told/);
  const narrative = "after the school is out";
  for (const act of ["acknowledge", "contact"]) {
    await detective.page.locator(`form[action$='/${act}'] button`).click();
    await detective.page.waitForSelector("[role=status]");
  }
  const settle = detective.page.locator("form[action$='/settle']");
  await settle.locator("[name=outcome]").selectOption("joint");
  await settle.locator("[name=grounds]").fill(narrative);
  await settle.locator("button").click();
  await detective.page.waitForSelector("h1:has-text('settled')");
  await looks(detective, "check-settled");

  for (const [visited, theirs] of [[stranger, ["35.2233", narrative]], [detective, ["35.2244"]]]) {
    for (const path of ["/day", "/checks", "/notices/letters"]) {
      await visited.page.goto(the.site + path);
      const text = await visited.page.content();
      for (const words of theirs) assert.ok(!text.includes(words), `${words} on ${path}`);
    }
  }
  await stranger.page.goto(`${the.site}/checks`);
  await stranger.page.click("main table tbody a");
  const text = await stranger.page.content();
  for (const words of ["35.2233", narrative]) assert.ok(!text.includes(words), words);
});

test("the pages of every job keep what all pages keep", async () => {
  await person("analyst");
  for (const [account] of the.accounts) {
    const name = account.split("@")[0];
    const visited = await person(name);
    const links = await visited.page.$$eval("header nav a", (found) => found.map((link) => link.getAttribute("href")));
    for (const link of links.filter((link) => link.startsWith("/") && link !== "/day")) {
      const answer = await visited.page.goto(the.site + link);
      if (answer.status() === 404) continue;
      await check(visited, `${name}${link.replaceAll("/", "-")}`);
      const first = visited.page.locator("main table tbody a[href^='/']:visible").first();
      if ((await first.count()) === 0) continue;
      await first.click();
      await visited.page.setViewportSize({ width: WIDTHS.narrow, height: 900 });
      await check(visited, `${name}${link.replaceAll("/", "-")}-one`);
      await visited.page.setViewportSize({ width: WIDTHS.desktop, height: 900 });
    }
    await visited.page.context().close();
  }
});
