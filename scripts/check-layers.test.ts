import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkLayers } from "./check-layers";

const allowed: Record<string, string> = {
  "src/main.tsx": 'import { App } from "./app/App";\n',
  "src/app/App.tsx": 'import { Stage } from "../stage/Stage";\nimport { useState } from "react";\n',
  "src/stage/Stage.tsx": 'import type { Step } from "../../workers/protocol";\nimport "./stage.css";\n',
  "src/engine/client.ts": 'import url from "../../workers/engine.worker.ts?worker&url";\n',
  "src/gallery/gallery.ts": 'import { a } from "../image/a";\n',
  "src/image/a.ts": "",
  "src/image/a.test.ts": 'import { App } from "../app/App";\n',
  "src/ui/Modal.tsx": "",
  "workers/protocol.ts": 'import type { Tensor } from "./tensor/tensor.ts";\n',
  "workers/tensor/tensor.ts": "",
  "workers/diffusion/guidance.ts": 'import { combine } from "../tensor/tensor.ts";\n',
  "workers/models/load-model.ts": 'import { layout } from "./layout.ts";\nimport * as ort from "onnxruntime-web";\n',
  "workers/models/layout.ts": "",
  "workers/engine.ts": 'import { load } from "./models/load-model.ts";\n',
  "workers/engine.worker.ts": 'import { engine } from "./engine.ts";\n',
};

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "layers-"));
});
afterEach(() => rmSync(root, { recursive: true }));

/** What is said of the allowed tree with these files in it. */
function check(planted: Record<string, string> = {}): string[] {
  for (const [file, text] of Object.entries({ ...allowed, ...planted })) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  return checkLayers(root);
}

describe("the check of the layers", () => {
  it("is content with this project", () => {
    expect(checkLayers(fileURLToPath(new URL("../", import.meta.url)))).toEqual([]);
  });

  it("is content with imports that go down", () => {
    expect(check()).toEqual([]);
  });

  it.each<[what: string, file: string, text: string, said: string]>([
    [
      "upwards",
      "src/ui/Modal.tsx",
      '\nimport { App } from "../app/App";\n',
      "src/ui/Modal.tsx:2: imports ../app/App. src/app is above src/ui",
    ],
    [
      "upwards, over several lines",
      "src/image/a.ts",
      'import {\n  b,\n} from "../gallery/gallery";\n',
      "src/image/a.ts:3: imports ../gallery/gallery. src/gallery is above src/image",
    ],
    ["upwards, for a type", "src/ui/Modal.tsx", 'import type { App } from "../app/App";\n', "src/ui/Modal.tsx:1:"],
    [
      "upwards, when it is needed",
      "src/ui/Modal.tsx",
      'const a = () => import("../app/App");\n',
      "src/ui/Modal.tsx:1:",
    ],
    [
      "to its level",
      "src/image/a.ts",
      'import { b } from "../export/b";\n',
      "src/image and src/export are on one level",
    ],
    [
      "into the engine",
      "src/app/App.tsx",
      'import { a } from "../../workers/engine";\n',
      "src/ imports workers/protocol",
    ],
    [
      "of the page, in the engine",
      "workers/engine.ts",
      'import { App } from "../src/app/App";\n',
      "nothing from outside",
    ],
    [
      "upwards, in the engine",
      "workers/models/layout.ts",
      'import { a } from "./load-model.ts";\n',
      "is above workers/models/layout.ts",
    ],
    [
      "of mathematics, in a model",
      "workers/models/load-model.ts",
      'import { a } from "../diffusion/guidance.ts";\n',
      "workers/models does not import workers/diffusion",
    ],
    [
      "of a package, in the mathematics",
      "workers/diffusion/guidance.ts",
      'import * as ort from "onnxruntime-web";\n',
      "uses no package",
    ],
    [
      "from a folder without a layer",
      "src/news/a.ts",
      'import { a } from "../image/a";\n',
      "src/news/a.ts is in no layer",
    ],
  ])("names an import %s", (_what, file, text, said) => {
    const problems = check({ [file]: text, "src/export/b.ts": "" });
    expect(problems[0]).toContain(said);
  });

  it("names a circle of files of one folder", () => {
    const problems = check({
      "src/image/a.ts": 'import { b } from "./b";\n',
      "src/image/b.ts": 'import { a } from "./a";\n',
    });
    expect(problems).toEqual(["A circle of imports: src/image/a.ts -> src/image/b.ts -> src/image/a.ts"]);
  });
});
