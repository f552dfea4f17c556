/** `npm test`: format and lint, types, unit tests, the build, and the journeys in a real browser. Ends at the first part that fails. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { findBrowser, lavapipeFolder } from "../e2e/browser.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const reports = join(tmpdir(), `darkroom-test-${process.pid}`);
const unitReport = join(reports, "unit.json");

interface Count {
  passed: number;
  failed: number;
}

const parts: { name: string; run: () => boolean; count?: () => Count }[] = [
  { name: "format and lint", run: () => command("biome check . && tsx scripts/check-layers.ts") },
  { name: "types", run: () => command("tsc --build") },
  {
    name: "unit tests",
    run: () => command(`vitest run --reporter=default --reporter=json --outputFile.json="${unitReport}"`),
    count: () => {
      const { numPassedTests, numFailedTests, numFailedTestSuites } = JSON.parse(readFileSync(unitReport, "utf8"));
      // A file that cannot even be read has no tests that could fail.
      return { passed: numPassedTests, failed: numFailedTests || numFailedTestSuites };
    },
  },
  { name: "build", run: () => command("vite build") },
  { name: "a browser for the journeys", run: haveBrowser },
  journeys("browser journeys", "playwright.config.ts"),
  journeys("other browsers, where they are installed", "playwright.browsers.config.ts"),
];

function journeys(name: string, config: string) {
  const report = join(reports, `${config}.json`);
  return {
    name,
    run: () =>
      command(`playwright test --config ${config} --reporter=list,json`, { PLAYWRIGHT_JSON_OUTPUT_FILE: report }),
    count: () => {
      const { stats, errors } = JSON.parse(readFileSync(report, "utf8"));
      return { passed: stats.expected, failed: stats.unexpected + stats.flaky + errors.length };
    },
  };
}

function command(line: string, environment: Record<string, string> = {}): boolean {
  const path = `${join(root, "node_modules/.bin")}${delimiter}${process.env.PATH}`;
  const env = { ...process.env, PATH: path, ...environment };
  return spawnSync(line, { shell: true, stdio: "inherit", cwd: root, env }).status === 0;
}

function haveBrowser(): boolean {
  const found = () => {
    try {
      return findBrowser();
    } catch (error) {
      if (process.env.CHROME_PATH) throw error;
      return undefined;
    }
  };
  try {
    const there = found();
    if (there) {
      console.log(`Using ${there}`);
      setUpLavapipe();
      return true;
    }
    console.log("No Chromium or Chrome was found here.");
    if (process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
      console.log("Installing Debian's package chromium with apt-get.");
      const environment = { DEBIAN_FRONTEND: "noninteractive" };
      command("apt-get update", environment) &&
        command("apt-get install --yes --no-install-recommends chromium", environment);
    }
    if (!found()) {
      console.log("Downloading Chromium with Playwright.");
      command("playwright install chromium");
    }
    console.log(`Using ${findBrowser()}`);
    setUpLavapipe();
    return true;
  } catch (error) {
    console.error((error as Error).message);
    return false;
  }
}

/** For the journeys on WebGPU; without it they run on SwiftShader, which takes minutes longer and has no half precision. */
function setUpLavapipe(): void {
  if (process.env.CHROME_PATH || process.getuid?.() !== 0 || !existsSync("/usr/lib/chromium/chromium")) return;
  const done = command(`bash scripts/lavapipe/setup.sh "${lavapipeFolder}"`);
  if (!done) rmSync(lavapipeFolder, { recursive: true, force: true });
}

mkdirSync(reports, { recursive: true });
const total: Count = { passed: 0, failed: 0 };
let failedPart: string | undefined;
for (const [index, { name, run, count }] of parts.entries()) {
  console.log(`\n[${index + 1}/${parts.length}] ${name}`);
  const ok = run();
  let counted: Count = { passed: 0, failed: 0 };
  try {
    if (count) counted = count();
  } catch (error) {
    console.error(`The report of the ${name} cannot be read: ${(error as Error).message}`);
    failedPart = name;
  }
  total.passed += counted.passed;
  // A part without tests of its own (lint, types, build), or one that broke off before any test, counts as one failure.
  total.failed += ok ? counted.failed : Math.max(counted.failed, 1);
  if (!ok || counted.failed > 0) failedPart = name;
  if (failedPart) break;
}
rmSync(reports, { recursive: true, force: true });
console.log(failedPart ? `\nFailed: ${failedPart}.` : "\nEverything passed.");
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = failedPart ? 1 : 0;
