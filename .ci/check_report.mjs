// node check_report.mjs FOLDER PAGE... : checks pages in headless Chromium, light, dark and on a phone.
// Each must request nothing, log no error, draw all its pictures, fit the width, work by keyboard
// alone, and have no violation that axe-core finds; and every number in it must be that of the file
// it names. Screenshots are left in FOLDER.
import { existsSync, readFileSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const require = createRequire(resolve("package.json"));
const puppeteer = require("puppeteer-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const [folder, ...pages] = process.argv.slice(2);
const looks = [
  { name: "light", scheme: "light", width: 1280 },
  { name: "dark", scheme: "dark", width: 1280 },
  { name: "phone", scheme: "light", width: 390 },
  { name: "phone-dark", scheme: "dark", width: 390 },
];
mkdirSync(folder, { recursive: true });

const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--force-color-profile=srgb"],
});
const wrong = [];
let passed = 0;

function hold(true_, what) {
  if (true_) passed++;
  else wrong.push(what);
}

for (const file of pages) {
  for (const look of looks) {
    const where = `${file}, ${look.name}`;
    const page = await browser.newPage();
    const said = [];
    const asked = [];
    page.on("console", (message) => said.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => said.push(`error: ${error.message}`));
    page.on("request", (request) => {
      if (!/^data:/.test(request.url())) asked.push(request.url());
    });
    await page.setViewport({ width: look.width, height: 900, deviceScaleFactor: 1 });
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: look.scheme }]);
    const address = pathToFileURL(resolve(file)).href;
    await page.goto(address, { waitUntil: "networkidle0" });

    const found = await page.evaluate(() => ({
      charts: document.querySelectorAll("figure.chart").length,
      empty: [...document.querySelectorAll("figure.chart")]
        .filter((figure) => figure.querySelectorAll(".plot .mark, .plot .stroke").length === 0)
        .map((figure) => figure.querySelector("figcaption").textContent),
      broken: document.querySelectorAll(".plot [d*=NaN], .plot [transform*=NaN], .plot [width*=NaN]").length,
      width: document.documentElement.scrollWidth,
      sections: [...document.querySelectorAll("nav a")].filter(
        (a) => !document.querySelector(a.getAttribute("href"))).length,
      numbers: document.querySelectorAll("data").length,
      images: document.images.length,
      data: Object.keys(JSON.parse(document.getElementById("data").textContent)).length,
    }));
    hold(asked.length === 1 && asked[0] === address, `${where}: asks for ${asked.slice(1)}`);
    hold(said.length === 0, `${where}: says ${said}`);
    hold(found.empty.length === 0, `${where}: not drawn: ${found.empty}`);
    hold(found.broken === 0, `${where}: ${found.broken} shapes are not numbers`);
    hold(found.width <= look.width, `${where}: is ${found.width} wide`);
    hold(found.sections === 0, `${where}: ${found.sections} links lead nowhere`);
    hold(found.numbers > 0 && found.data > 0, `${where}: no numbers`);
    hold(found.images === 0, `${where}: has images`);
    const others = await numbers(page, dirname(resolve(file)));
    hold(others.length === 0, `${where}: not as in the files: ${others.slice(0, 5)}`);

    await page.screenshot({
      path: `${folder}/${basename(dirname(resolve(file)))}-${basename(file, ".html")}-${look.name}.png`,
      fullPage: true,
    });
    hold(await keyboard(page), `${where}: cannot be used by keyboard`);
    await page.evaluate(() => document.querySelectorAll("details").forEach((each) => (each.open = true)));
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => window.axe.run());
    for (const violation of violations) {
      wrong.push(`${where}: ${violation.id}: ${violation.help}: ${violation.nodes[0].html.slice(0, 200)}`);
    }
    passed++;
    await page.close();
  }
}
await browser.close();
wrong.forEach((each) => console.error(each));
console.log(`${passed} passed, ${wrong.length} failed`);
process.exit(wrong.length === 0 ? 0 : 1);

/** Numbers that are not those of the files beside the page, or shown as another. */
async function numbers(page, run) {
  const all = await page.evaluate(() => [...document.querySelectorAll("data")].map((data) => (
    { from: data.dataset.from, as: data.dataset.as, value: data.value, text: data.textContent })));
  const files = new Map();
  const read = (name) => {
    if (!files.has(name)) {
      const path = resolve(run, name);
      const text = existsSync(path) ? readFileSync(path, "utf8") : "null";
      files.set(name, name.endsWith(".jsonl") ? text.trim().split("\n").map(JSON.parse) : JSON.parse(text));
    }
    return files.get(name);
  };
  const shown = { perplexity: Math.exp, percent: (x) => 100 * x, "round-percent": (x) => 100 * x,
    megabytes: (x) => x / 1e6 };
  return all.filter(({ from, as, value, text }) => {
    const [name, pointer] = [from.slice(0, from.lastIndexOf("#")), from.slice(from.lastIndexOf("#") + 1)];
    const digits = text.replaceAll(",", "");
    const places = digits.split(".")[1]?.length ?? 0;
    const number = (shown[as] ?? ((x) => x))(Number(value));
    if (Math.abs(Number(digits) - number) > 0.500001 * 10 ** -places) return true;
    if (name === "computed" || name.includes("#")) return false; // of no file, or of another folder
    const steps = pointer.split("/").slice(1).map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
    return steps.reduce((node, step) => node?.[step], read(name)) !== Number(value);
  }).map(({ from, value, text }) => `${from} ${value} ${text}`);
}

/** The first stop is the link past the head; every folded part opens by the keyboard. */
async function keyboard(page) {
  await page.keyboard.press("Tab");
  const first = await page.evaluate(() => document.activeElement.className);
  const folded = await page.$("details:not([open]) > summary");
  if (first !== "skip" || !folded) return first === "skip";
  await folded.focus();
  await page.keyboard.press("Enter");
  return folded.evaluate((summary) => {
    const open = summary.parentElement.open;
    summary.parentElement.open = false;
    return open && getComputedStyle(summary).outlineStyle !== "none";
  });
}
