// Drives the live page in a headless browser: page.mjs CHROMIUM PROFILE SCENARIO URL [FILE…]
import { chromium } from "playwright-core";

const [executablePath, profile, scenario, url, ...files] = process.argv.slice(2);
const flags = ["--host-resolver-rules=MAP attacker.example 127.0.0.1", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];
const context = await chromium.launchPersistentContext(profile, { executablePath, headless: true, args: flags,
  viewport: scenario === "phone" ? { width: 390, height: 780 } : { width: 1280, height: 800 } });
const page = context.pages()[0] ?? (await context.newPage());
const problems = [];
page.on("pageerror", (error) => problems.push(String(error)));
page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
page.on("request", (request) => {
  if (!request.url().startsWith(url.split("/").slice(0, 3).join("/")) && !request.url().startsWith("data:")) problems.push(request.url());
});

const rows = () => page.locator(".row").count();
const until = (test, ...words) => page.waitForFunction(test, words, { timeout: 20000 });
const detail = () => page.locator("#detail").innerText();

const SCENARIOS = {
  async shows() {
    const all = await rows();
    const depths = await page.$$eval(".row", (nodes) => nodes.map((node) => Number(node.style.getPropertyValue("--depth"))));
    await page.locator(".row", { hasText: "high tide" }).first().click();
    const first = await detail();
    await page.locator(".row", { hasText: "story of the sea" }).click();
    return { all, depths, first, stream: await detail(), live: await page.locator("#live").innerText() };
  },
  async filters() {
    const counts = {};
    for (const name of ["complaints", "refused", "streams", "faults", "unobserved", "all"]) {
      await page.locator(".chip", { hasText: new RegExp(`^${name}$`) }).click();
      await page.waitForTimeout(150);
      counts[name] = await rows();
    }
    await page.keyboard.press("/");
    await page.keyboard.type("porto");
    await page.waitForTimeout(150);
    return { counts, searched: await page.locator(".row").allInnerTexts(), count: await page.locator("#count").innerText() };
  },
  async keyboard() {
    await page.locator("h1").click();
    for (const key of ["j", "j", "k"]) await page.keyboard.press(key);
    const chosen = await page.locator(".row[aria-current]").getAttribute("data-n");
    const before = await rows();
    await page.keyboard.press("ArrowLeft");
    const folded = await rows();
    await page.keyboard.press("ArrowRight");
    return { chosen, before, folded, after: await rows(), hash: await page.evaluate(() => location.hash) };
  },
  async scripts() {
    const before = await rows();
    await page.locator("#scripting").click();
    await page.locator("#say").fill("Scripted by <b>hand</b>.");
    await page.getByRole("button", { name: "Add reply" }).click();
    await until(() => document.getElementById("note").textContent.includes("added"));
    const added = await page.locator("#note").innerText();
    const notes = [];
    for (const name of await page.locator("#fault option").allInnerTexts()) {
      await page.locator("#fault").selectOption(name);
      await page.locator("#note").evaluate((node) => { node.textContent = ""; });
      await page.getByRole("button", { name: "Arm fault" }).click();
      await until(() => document.getElementById("note").textContent);
      notes.push(await page.locator("#note").innerText());
    }
    await page.getByRole("button", { name: "Move clock" }).click();
    await until(() => document.getElementById("note").textContent.includes("now"));
    await page.locator("#forget").click();
    await until(() => document.querySelectorAll(".row").length === 0);
    return { before, added, notes };
  },
  async copies() {
    await page.evaluate(() => { window.copied = []; navigator.clipboard.writeText = async (text) => { window.copied.push(text); }; });
    await page.locator(".row", { hasText: "high tide" }).first().click();
    await page.getByRole("button", { name: "Copy as curl" }).click();
    await page.getByRole("button", { name: "Copy as test" }).click();
    return await page.evaluate(() => window.copied);
  },
  async grows() {
    const before = await rows();
    await page.evaluate(() => fetch("/v1/interactions", { method: "POST", headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: "gemini-3.5-flash", input: "Asked by the page" }) }));
    await until(([number]) => document.querySelectorAll(".row").length > number, before);
    return { before, after: await rows(), last: await page.locator(".row").last().innerText() };
  },
  async phone() {
    const list = await page.locator("#list").isVisible(), hidden = !(await page.locator("#detail").isVisible());
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    await page.locator(".row").first().click();
    const reading = await page.locator("#detail").isVisible();
    if (files[0]) await page.screenshot({ path: files[0] });
    await page.locator("#back").click();
    return { list, hidden, wide, reading, back: await page.locator("#list").isVisible() };
  },
  async many() {
    const timing = await page.evaluate(async () => {
      const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
      let start = performance.now(); draw(); await frame();
      const show = performance.now() - start;
      start = performance.now(); words = ["number", "77"]; draw(); await frame();
      return { show: Math.round(show), filter: Math.round(performance.now() - start), rows: document.querySelectorAll(".row").length };
    });
    return timing;
  },
  async report() {
    const scripting = await page.locator("#scripting").isVisible();
    await page.locator(".row").first().click();
    return { all: await rows(), scripting, live: await page.locator("#live").innerText(), first: await detail() };
  },
  async attacked() {
    await page.evaluate(() => { window.copied = []; navigator.clipboard.writeText = async (text) => { window.copied.push(text); }; });
    const details = [], all = await rows();
    for (let at = 0; at < all; at += 1) {
      await page.locator(".row").nth(at).click();
      await page.$$eval("#detail details", (nodes) => nodes.forEach((node) => { node.open = true; }));
      details.push(await detail());
      for (const label of ["Copy as curl", "Copy as test"]) {
        const button = page.getByRole("button", { name: label });
        if (await button.count()) await button.click();
      }
    }
    const seen = await page.evaluate(() => ({ attacked: window.attacked ?? null, odd: document.querySelectorAll("#list .bad:not(.tag)").length,
      elements: document.querySelectorAll("main :is(script, svg, iframe, object, a, link, style, form)").length, title: document.title,
      text: document.body.textContent, copied: window.copied }));
    return { ...seen, all, details };
  },
  async foreign() {
    const outcomes = {};
    for (const place of [url, ...files]) {
      await page.goto(place).catch(() => {});
      await until(() => window.outcomes);
      await page.waitForTimeout(300);
      outcomes[place] = await page.evaluate(() => window.outcomes);
      for (const frame of page.frames()) {
        const title = await frame.evaluate(() => document.querySelector("#list") && document.title).catch(() => null);
        if (title) outcomes[place][`framed ${frame.url()}`] = title;
      }
    }
    problems.length = 0; // a browser says there what it refused
    return outcomes;
  },
  async rebound() {
    const shown = await page.locator("body").innerText();
    const read = {};
    for (const path of files) read[path] = await page.evaluate((at) => fetch(at).then((answer) => answer.status), path);
    problems.length = 0;
    return { shown, read };
  },
  async picture() {
    await page.locator(".row", { hasText: "story of the sea" }).click();
    await page.screenshot({ path: files[0] });
    return {};
  },
};

await page.goto(url);
if (!["empty", "foreign", "rebound"].includes(scenario)) await page.waitForSelector(".row");
await page.waitForTimeout(200);
const result = await SCENARIOS[scenario]();
console.log(JSON.stringify({ result, problems }));
await context.close();
