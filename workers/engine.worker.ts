import * as Comlink from "comlink";
import { createEngine } from "./engine.ts";
import { openBrowserRuntime } from "./models/runtime/browser-runtime.ts";
import { openModelFiles } from "./models/sources/open-files.ts";
import { transferring } from "./transfer.ts";

// Held for as long as the worker lives: see Engine in protocol.ts.
// A browser that refuses it leaves the page to notice silence.
navigator.locks?.request(self.name, () => new Promise(() => {})).catch(() => {});

Comlink.expose(transferring(createEngine({ openRuntime: openBrowserRuntime, openFiles: openModelFiles })));
