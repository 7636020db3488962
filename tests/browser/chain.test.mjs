// The whole chain in a real browser: a finding becomes a lead; an event for it meets another agency's plan and is approved only
// when nothing is missing; a child is met, with a victim specialist, and recovered; one provider declines and another delivers; a
// case is opened; and the recovery is counted once it is confirmed. Every page on the way is checked at three widths.
//
// Run by `cargo xtask test`, which names the programs: HOMEWARD (the binary), CHROMIUM.

import assert from "node:assert/strict";
import { test } from "node:test";
import { check, demo, looks } from "./support.mjs";

const the = demo("chain");
const { person } = the;

// Fills the form of an act and sends it; the page says that it was done.
async function act({ page }, path, fields = {}) {
  const form = page.locator(`form[method=post][action$='${path}']`);
  for (const [name, value] of Object.entries(fields)) {
    const field = form.locator(`[name=${name}]`).first();
    if ((await field.evaluate((one) => one.tagName)) === "SELECT") await field.selectOption(value);
    else await field.fill(value);
  }
  await form.locator("button[type=submit]").first().click();
  await page.waitForSelector("[role=status]");
}

// The value of the option that a list shows by a name.
const option = (page, list, name) => page.locator(`${list} option`, { hasText: name }).first().getAttribute("value");

const id = (url) => url.split("/").pop();
const when = (hour) => `${new Date(Date.now() + 2 * 24 * 3600 * 1000).toISOString().slice(0, 10)}T${hour}:00`;
const there = { starts: when("18"), ends: when("20"), latitude: "35.2233", longitude: "-80.8431" };

// Shared along the way.
let lead, event, victim;

test("a finding becomes a lead that is worked", async () => {
  const analyst = await person("analyst");
  await analyst.page.goto(`${the.site}/findings`);
  await analyst.page.click("main table tbody a");
  await act(analyst, "/admit", { grounds: "two selectors agree, seen again this week" });
  lead = analyst.page.url();
  const eastfield = await option(analyst.page, "form[action$='/triage'] [name=agency]", "Eastfield");
  await act(analyst, "/triage", { priority: "urgent", agency: eastfield });
  const supervisor = await person("supervisor");
  await supervisor.page.goto(lead);
  await act(supervisor, "/assign", { to: await option(supervisor.page, "form[action$='/assign'] [name=to]", "Ines Moreau") });
  const detective = await person("investigator");
  await detective.page.goto(lead);
  await act(detective, "/start");
  await looks(detective, "chain-lead");
});

test("an event is approved only when nothing is missing", async () => {
  const west = await person("west-investigator");
  await west.page.goto(`${the.site}/checks/new`);
  for (const [name, value] of Object.entries(there)) await west.page.fill(`#${name}`, value);
  await west.page.click("main form button[type=submit]");
  await west.page.waitForURL(/\/checks\/[0-9a-f-]{36}$/);
  const theirs = west.page.url();

  const coordinator = await person("coordinator");
  const { page } = coordinator;
  await page.goto(`${the.site}/operations`);
  await page.click("main table tbody a:has-text('Harbor lights')");
  await looks(coordinator, "chain-operation");
  await page.click("text=Plan an event");
  await looks(coordinator, "chain-event-new");
  const plan = page.locator("main form[method=post]");
  for (const [name, value] of Object.entries(there)) await plan.locator(`[name=${name}]`).fill(value);
  await plan.locator("[name=kind]").selectOption("recovery");
  await plan.locator("[name=lead]").selectOption(id(lead));
  await plan.locator("[name=selectors]").fill("phone: 704-555-0177");
  await plan.locator("[name=objective]").fill("Bring one child home from the address of the lead.");
  await plan.locator("label", { hasText: "Ines Moreau" }).first().click();
  await plan.locator("[name=supervisor]").selectOption({ label: "Simon Adeyemi" });
  await plan.locator("[name=specialist]").selectOption({ label: "Vera Holloway" });
  await plan.locator("button[type=submit]").click();
  await page.waitForURL(/\/events\/[0-9a-f-]{36}$/);
  event = page.url();
  await looks(coordinator, "chain-event-planned");
  assert.match(await page.textContent("main"), /both told/);

  const supervisor = await person("supervisor");
  await supervisor.page.goto(event);
  assert.match(await supervisor.page.textContent("main"), /Not yet: its check has a hit without an outcome/);
  await looks(supervisor, "chain-event-waits");

  // Both sides talk, and go together. The other side never finds the event.
  assert.equal((await west.page.goto(event)).status(), 404);
  await west.page.goto(theirs);
  await act(west, "/acknowledge");
  await page.click("main a[href^='/checks/']");
  await act(coordinator, "/contact");
  await act(coordinator, "/settle", { outcome: "joint", grounds: "both go together" });
  await supervisor.page.goto(event);
  assert.match(await supervisor.page.textContent("main"), /Not yet: .*no victim specialist has confirmed/);

  // A specialist who cannot come says so, and the event says that it has none; asked again, she comes.
  const specialist = await person("specialist");
  await looks(specialist, "chain-day-specialist");
  await specialist.page.goto(event);
  await act(specialist, "/decline", { grounds: "with another child that evening" });
  await page.goto(event);
  assert.match(await page.textContent("main"), /none: Vera Holloway, .* declined/);
  await act(coordinator, "/ask", { specialist: await option(page, "#specialist", "Vera Holloway") });
  await specialist.page.goto(event);
  await act(specialist, "/confirm");
  await supervisor.page.goto(event);
  await act(supervisor, "/approve");
  await looks(supervisor, "chain-event-approved");
  const detective = await person("investigator");
  await detective.page.goto(event);
  assert.match(await detective.page.textContent("main"), /Not yet: .*specialist is not on site/);
  await specialist.page.goto(event);
  await act(specialist, "/arrive");
  await detective.page.goto(`${event}/card`);
  await looks(detective, "chain-event-card");
  await detective.page.goto(event);
  await act(detective, "/start");
  assert.match(await detective.page.textContent("h1"), /under way/);
  await page.goto(event);
  await page.click("text=Board of its operation");
  await looks(coordinator, "chain-board");
});

test("a child is met with a specialist, recovered and cared for", async () => {
  const detective = await person("investigator");
  const { page } = detective;
  await page.goto(event);
  await page.click("text=Record somebody who was met here");
  const vera = await option(page, "form[method=post][action='/victims'] [name=specialist]", "Vera Holloway");
  await act(detective, "/victims", { called: "Robin", age: "15", specialist: vera });
  if (!/\/victims\/[0-9a-f-]{36}$/.test(page.url())) await page.click("main table a:has-text('Robin')");
  victim = page.url();
  await act(detective, "/fact", { kind: "recovered", grounds: "taken to the desk by two members" });
  await looks(detective, "chain-victim");
  await page.goto(event);
  await act(detective, "/finish");

  const specialist = await person("specialist");
  await specialist.page.goto(`${victim}/care`);
  const plan = specialist.page.locator("form[action$='/plan']");
  await plan.locator("label", { hasText: "emergency shelter" }).first().click();
  await plan.locator("[name=safety]").fill("the aunt's home is safe");
  await plan.locator("button[type=submit]").click();
  await specialist.page.waitForSelector("[role=status]");
  for (const [provider, account, answers] of [
    ["Piedmont Youth Law Clinic", "law-partner", [["/decline", { grounds: "no bed tonight" }]]],
    ["Harbor House", "partner", [["/accept", {}], ["/finish", {}]]],
  ]) {
    await specialist.page.goto(`${victim}/care`);
    const to = await option(specialist.page, "form[action$='/refer'] [name=provider]", provider);
    await act(specialist, "/refer", { provider: to, need: "emergency shelter", called: "R.", grounds: "a bed from tonight" });
    const partner = await person(account);
    await partner.page.goto(`${the.site}/referrals`);
    await partner.page.click("main table tbody a");
    const referral = partner.page.url();
    for (const [path, fields] of answers) {
      await partner.page.goto(referral);
      await act(partner, path, fields);
    }
  }
  await specialist.page.goto(`${victim}/care`);
  assert.match(await specialist.page.textContent("main"), /no bed tonight/);
  assert.match(await specialist.page.textContent("main"), /by referral/);
  await looks(specialist, "chain-care");
});

test("a case is opened from the lead, and the recovery counts once it is confirmed", async () => {
  const detective = await person("investigator");
  await detective.page.goto(lead);
  await detective.page.click("text=Open a case from it");
  await act(detective, "/cases", { crime: "18 U.S.C. 1591(a)(1)", facts: "One name paid for rooms on nine nights." });
  await looks(detective, "chain-case");
  const opened = detective.page.url();

  const officer = await person("records");
  const recovered = async () => {
    await officer.page.goto(`${the.site}/results`);
    const row = officer.page.locator("main table tr", { hasText: /^\s*all/ });
    return Number.parseInt(await row.locator("td").nth(2).textContent(), 10);
  };
  const before = await recovered();
  const supervisor = await person("supervisor");
  await supervisor.page.goto(opened);
  await act(supervisor, "/accept", { certified: "2025-02-01" });
  await supervisor.page.goto(victim);
  await act(supervisor, "/confirm");
  assert.equal(await recovered(), before + 1);
  await looks(officer, "chain-results");

  const stranger = await person("west-supervisor");
  for (const page of [lead, event, victim, opened]) {
    assert.equal((await stranger.page.goto(page)).status(), 404, page);
  }
});
