// A child in care, in a real browser: the victim specialist of the demo opens her pages on a telephone, a partner answers a
// referral, and a supervisor finds no page of care. Every page on the way is checked at three widths.
//
// Run by `cargo xtask test`, which names the programs: HOMEWARD (the binary), CHROMIUM.

import assert from "node:assert/strict";
import { test } from "node:test";
import { WIDTHS, demo, looks } from "./support.mjs";

const the = demo("care");
const { person } = the;

// The widths of all pages, and a telephone of 375 pixels.
const ON_PHONES = { ...WIDTHS, small: 375 };

test("a specialist works on a telephone, a partner answers, and nobody else opens the page", async () => {
  const specialist = await person("specialist");
  const { page } = specialist;
  await looks(specialist, "care-day-specialist", ON_PHONES);
  // Who was met in the night and has nobody is taken up with one tap.
  await page.click("text=I stay with them");
  await page.waitForURL(/\/victims\//);
  await page.goto(`${the.site}/day`);
  assert.match(await page.textContent("#mine ~ ul"), /Jordan.*no recovery yet/s);
  assert.match(await page.textContent("#mine ~ ul"), /Avery Sampleton.*next interview/s);
  await page.goto(`${the.site}/victims`);
  await looks(specialist, "care-victims", ON_PHONES);
  await page.click("text=Avery Sampleton");
  await looks(specialist, "care-victim", ON_PHONES);
  await page.click("text=Care: plan, notes, referrals");
  await page.waitForURL(/\/care$/);
  await looks(specialist, "care-care", ON_PHONES);
  const care = page.url();
  const note = page.locator("form[action$='/note']");
  await note.locator("textarea").fill("Called her aunt. Will start at the school on Monday.");
  await note.locator("button").click();
  await page.waitForURL(/\/care/);
  assert.match(await page.textContent("#notes ~ ul"), /Monday/);
  const step = page.locator("form[action$='/step']", { hasText: "Done now: plan" });
  await step.locator("button").click();
  await page.waitForURL(/\/care$/);
  assert.match(await page.textContent("#clock ~ ol"), /plan: done/);
  await page.click("summary:has-text('A court or a statute')");
  await page.fill("#order", "26 JV 0193");
  await page.fill("#court", "Family Court, Example County");
  await page.fill("#issued", "2020-01-02");
  await page.fill("#given", "The dates of two visits, to the clerk.");
  await page.fill("#order-safety", "The school was told whom not to let in.");
  await looks(specialist, "care-compelled", ON_PHONES);
  await page.locator("form:has(#order) button").click();
  await page.waitForURL(/\/disclosures\//);
  await looks(specialist, "care-disclosure", ON_PHONES);
  await page.goto(`${the.site}/confidentiality`);
  assert.match(await page.textContent("main"), /26 JV 0193/);
  await looks(specialist, "care-confidentiality", ON_PHONES);
  await page.goto(`${the.site}/releases/form`);
  await looks(specialist, "care-release-form", ON_PHONES);

  const partner = await person("law-partner");
  await looks(partner, "care-day-partner", ON_PHONES);
  await partner.page.goto(`${the.site}/referrals`);
  await looks(partner, "care-referrals", ON_PHONES);
  await partner.page.click("main table tbody a");
  await looks(partner, "care-referral", ON_PHONES);
  await partner.page.locator("form[action$='/accept'] button").click();
  assert.match(await partner.page.textContent("[role=status]"), /recorded/);
  await partner.page.click("text=What your organisation keeps of them");
  await looks(partner, "care-care-partner", ON_PHONES);
  await partner.page.goto(`${the.site}/provider-records`);
  await looks(partner, "care-provider-records", ON_PHONES);

  const supervisor = await person("supervisor");
  await looks(supervisor, "care-day-supervisor", ON_PHONES);
  assert.equal((await supervisor.page.goto(care)).status(), 404);
  await supervisor.page.goto(care.replace(/\/care$/, ""));
  await looks(supervisor, "care-victim-supervisor", ON_PHONES);
});
