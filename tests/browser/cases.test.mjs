// Cases in a real browser: who works one reads its matrix, its chains and its chart at every width; an investigator opens one and a
// supervisor accepts it. Run by `cargo xtask test`, as the other files here.

import assert from "node:assert/strict";
import { test } from "node:test";
import { demo, looks } from "./support.mjs";

const the = demo("cases");
const { person } = the;

test("a case is read by who works it", async () => {
  for (const account of ["investigator", "supervisor", "prosecutor"]) {
    const visited = await person(account);
    const { page } = visited;
    await page.goto(`${the.site}/cases`);
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
  await page.goto(`${the.site}/cases/new`);
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
