// Results and the provider directory in a real browser: an officer counts, freezes and amends; a specialist finds a place for
// somebody; everybody finds help by ZIP code. Run by `cargo xtask test`, as the other files here.

import assert from "node:assert/strict";
import { test } from "node:test";
import { demo, looks, watched } from "./support.mjs";

const the = demo("results");
const { person } = the;

test("an officer counts, freezes and amends", async () => {
  const visited = await person("records");
  const { page } = visited;
  await page.goto(`${the.site}/results`);
  await looks(visited, "results");
  await page.click("tbody a:has-text('4')");
  await looks(visited, "results-facts");
  for (const [name, path] of [
    ["results-published", "/results?publish=yes"],
    ["results-claims", "/results/claims"],
    ["results-periods", "/results/periods"],
    ["results-history", "/results/history"],
    ["fairness", "/fairness"],
  ]) {
    await page.goto(`${the.site}${path}`);
    await looks(visited, name);
  }
  await page.goto(`${the.site}/results/periods`);
  await page.click("tbody a:has-text('This month')");
  await looks(visited, "results-period-open");
  await page.click("#freeze + form button");
  assert.match(await page.textContent("main"), /give again what was fixed/);
  await page.fill("#amend-why", "one was reported late");
  await page.click("#amend + form button");
  assert.match(await page.textContent("h1"), /amended/);
  await looks(visited, "results-period-amended");
  await page.close();
});

test("a claim is confirmed by another than its claimant", async () => {
  const officer = await person("records");
  await officer.page.goto(`${the.site}/results/claims?state=claimed`);
  await officer.page.click("tbody tr:has-text('National Desk') a");
  assert.equal(await officer.page.locator("#confirm").count(), 0);
  const path = new URL(officer.page.url()).pathname;
  const supervisor = await person("desk-supervisor");
  await supervisor.page.goto(`${the.site}${path}`);
  await looks(supervisor, "results-claim");
  await supervisor.page.click("#confirm + form button");
  assert.match(await supervisor.page.textContent("h1"), /confirmed/);
});

test("a specialist finds a place for somebody", async () => {
  const visited = await person("specialist");
  const { page } = visited;
  await page.goto(`${the.site}/services`);
  await page.fill("#place", "28202");
  await page.fill("#age", "15");
  await page.click("main form button");
  assert.match(await page.textContent("main"), /3 free of 12/);
  await looks(visited, "services");
  await page.goto(`${the.site}/services?place=28202&need=safe`);
  assert.match(await page.textContent("main"), /address confidential: call/);
  assert.doesNotMatch(await page.textContent("body"), /Hidden Lane/);
  await page.goto(`${the.site}/services?place=Houston,+TX&need=housing`);
  assert.match(await page.textContent("main"), /unknown: call/);
});

for (const lang of ["en", "es"]) {
  test(`help names services near a ZIP code, ${lang}`, async () => {
    const visited = await watched(await the.browser.newContext());
    await visited.page.goto(`${the.site}/help?zip=28202&lang=${lang}`);
    assert.match(await visited.page.textContent("#local"), /704-555-0101/);
    assert.doesNotMatch(await visited.page.textContent("body"), /Hidden Lane/);
    await looks(visited, `help-services-${lang}`);
  });
}
