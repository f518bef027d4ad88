// Drives the live page in a headless browser: page.mjs CHROMIUM PROFILE SCENARIO URL [FILE…]
import { chromium } from "playwright-core";

const [executablePath, profile, scenario, url, ...files] = process.argv.slice(2);
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
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
  async picture() {
    await page.locator(".row", { hasText: "story of the sea" }).click();
    await page.screenshot({ path: files[0] });
    return {};
  },
};

await page.goto(url);
if (scenario !== "empty") await page.waitForSelector(".row");
await page.waitForTimeout(200);
const result = await SCENARIOS[scenario]();
console.log(JSON.stringify({ result, problems }));
await context.close();
