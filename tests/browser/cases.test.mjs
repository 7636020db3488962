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

test("a prosecutor asks for what is missing, links evidence, charges, and records how it ended", async () => {
  const visited = await person("prosecutor");
  const { page } = visited;
  assert.match(await page.textContent("main"), /2 counts with 9 gaps/);
  await page.click("main a:has-text('1591')");
  const open = () => page.locator("details summary").first().click();
  await open();
  await page.click("#ask-1 ~ form button");
  assert.match(await page.textContent("main"), /Count 1: show /);
  await open();
  await page.selectOption("#element-1", { index: 2 });
  await page.click("#link-1 ~ form button");
  await page.click("#charge ~ form button");
  assert.match(await page.textContent("h1"), /charged/);
  await page.selectOption("#disposition", "pleaded");
  await page.click("#disposition ~ button");
  assert.match(await page.textContent("h1"), /disposed/);
  await looks(visited, "case-disposed");
  // The file is there once a supervisor of its agency released it to the prosecutor's office.
  const { page: other } = await person("supervisor");
  await other.goto(page.url());
  await other.click("summary:has-text('Give this version')");
  await other.selectOption("#receiver", { label: "Office of the District Attorney, Eastfield" });
  for (const field of ["#reason", "#need", "#right"]) await other.fill(field, "trial");
  await other.click("button:has-text('Release')");
  await page.reload();
  const file = await page.locator("a:has-text('CASE file')").getAttribute("href");
  assert.equal((await page.request.get(the.site + file)).status(), 200);
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
  await other.fill("#certified", "2025-02-01");
  await other.click("#accept ~ form button");
  assert.match(await other.textContent("h1"), /accepted/);
});
