// node check_watch.mjs FOLDER LORASHEAR RUN : checks the page that LORASHEAR watch --page serves, in
// headless Chromium, light, dark and on a phone. For a running run, this script writes metrics with the
// steps of RUN's longest training while the page is open; RUN itself is finished. The page must make
// requests only to this machine, log no error, draw its curves, follow the run, fit the width, and have
// no violation that axe-core finds; and its figures must be those of the metrics. Screenshots are left
// in FOLDER.
import { spawn } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { hostname, tmpdir } from "node:os";
import { join, resolve } from "node:path";

const require = createRequire(resolve("package.json"));
const puppeteer = require("puppeteer-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const [folder, lorashear, run] = process.argv.slice(2);
const looks = [
  { name: "light", scheme: "light", width: 1280 },
  { name: "dark", scheme: "dark", width: 1280 },
  { name: "phone", scheme: "light", width: 390 },
  { name: "phone-dark", scheme: "dark", width: 390 },
];
mkdirSync(folder, { recursive: true });
const wrong = [];
let passed = 0;
const hold = (true_, what) => (true_ ? passed++ : wrong.push(what));
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

const training = readdirSync(run, { recursive: true })
  .filter((name) => name.endsWith(".metrics.jsonl"))
  .map((name) => readFileSync(join(run, name), "utf8").trim().split("\n").map(JSON.parse))
  .map((lines) => lines.filter((line) => ["step", "validation"].includes(line.event)))
  .sort((a, b) => b.length - a.length)[0];
const work = mkdtempSync(join(tmpdir(), "watch-"));
const output = join(work, "recovered");
const file = output + ".metrics.jsonl";
const write = (line) => appendFileSync(file, JSON.stringify(line) + "\n");
const now = () => new Date().toISOString();
const starts = (pid) => { // as the program reads it: ticks since the machine began, and when it did
  const ticks = Number(readFileSync(`/proc/${pid}/stat`, "utf8").replace(/.*\) /s, "").split(" ")[19]);
  const began = Number(/btime (\d+)/.exec(readFileSync("/proc/stat", "utf8"))[1]);
  return new Date((began + ticks / 100) * 1000).toISOString();
};
const begin = { time: now(), event: "begin", stage: "recover", output: "recovered", identity: "0",
  resumed: false, process: process.pid, machine: hostname(), processStarted: starts(process.pid) };

const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--force-color-profile=srgb"],
});

/** Serves the page of a run until the run ends. */
async function serve(path) {
  const watching = spawn(lorashear, ["watch", path, "--page"], { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  const ended = new Promise((done) => watching.on("exit", done));
  const address = await new Promise((found, failed) => {
    watching.stdout.on("data", (text) => {
      said += text;
      const at = /the page is at (\S+)/.exec(said);
      if (at) found(at[1]);
    });
    ended.then(() => failed(new Error("watch ended: " + said)));
  });
  return { address, ended, said: () => said };
}

async function open(address, look) {
  const page = await browser.newPage();
  const said = [];
  const asked = new Set();
  page.on("console", (message) => said.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => said.push(`error: ${error.message}`));
  page.on("request", (request) => { if (!/^data:/.test(request.url())) asked.add(request.url()); });
  await page.setViewport({ width: look.width, height: 900, deviceScaleFactor: 1 });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: look.scheme }]);
  await page.goto(address, { waitUntil: "load" });
  return { page, said, asked, address };
}

async function look(opened, where, shot, width) {
  const { page, said, asked, address } = opened;
  await page.waitForSelector("#loss path.stroke", { timeout: 20_000 });
  const found = await page.evaluate(() => ({
    width: document.documentElement.scrollWidth,
    broken: document.querySelectorAll("[d*=NaN], [transform*=NaN], [cx*=NaN]").length,
  }));
  hold(found.width <= width, `${where}: is ${found.width} wide`);
  hold(found.broken === 0, `${where}: ${found.broken} shapes are not numbers`);
  hold([...asked].every((url) => [address, address + "metrics.json"].includes(url)), `${where}: asks for ${[...asked]}`);
  hold(said.length === 0, `${where}: says ${said}`);
  await page.screenshot({ path: `${folder}/${shot}.png`, fullPage: true });
  await page.keyboard.press("Tab");
  hold(await page.evaluate(() => document.activeElement.className === "skip"), `${where}: no way past the head`);
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run());
  for (const violation of violations) {
    wrong.push(`${where}: ${violation.id}: ${violation.help}: ${violation.nodes[0].html.slice(0, 200)}`);
  }
  passed++;
}

// Not yet begun, at work, done: on one page after the other.
const live = await serve(output);
const pages = [];
for (const each of looks) pages.push(await open(live.address, each));
await pages[0].page.waitForFunction(() => document.getElementById("sentence").textContent.startsWith("nothing has begun"));
passed++;
write(begin);
const half = Math.ceil(training.length / 2);
for (const line of training.slice(0, half)) write({ ...line, stage: "recover", time: now() });
for (const [i, each] of looks.entries()) {
  await look(pages[i], `at work, ${each.name}`, `watch-work-${each.name}`, each.width);
}
const steps = training.filter((line) => line.event === "step");
const told = steps.filter((line) => training.indexOf(line) < half).at(-1);
const text = await pages[0].page.$eval("#now", (p) => p.textContent);
hold(text.includes(`step ${told.step.toLocaleString("en")} of ${told.steps.toLocaleString("en")}, loss ${told.loss.toFixed(3)}`),
  `at work: ${text} instead of step ${told.step}, loss ${told.loss}`);
await pages[0].page.bringToFront();
for (const line of training.slice(half)) write({ ...line, stage: "recover", time: now() });
write({ time: now(), event: "end", stage: "recover", outcome: "done" });
await pages[0].page.waitForFunction(() => document.getElementById("sentence").textContent.includes(" is done after "),
  { timeout: 20_000 });
hold((await live.ended) === 0, `the run was done, but watch said ${live.said()}`);
const curve = await pages[0].page.evaluate(() => document.querySelector("#loss svg").getAttribute("aria-label"));
hold(curve === `Loss by step; ${steps.at(-1).loss} at step ${steps.at(-1).step} of ${steps.at(-1).steps}`, `done: ${curve}`);
await pages[0].page.screenshot({ path: `${folder}/watch-done.png`, fullPage: true });
await browser.close();

wrong.forEach((each) => console.error(each));
console.log(`${passed} passed, ${wrong.length} failed`);
process.exit(wrong.length === 0 ? 0 : 1);
