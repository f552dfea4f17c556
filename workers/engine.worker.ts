import * as Comlink from "comlink";
import { createEngine } from "./engine.ts";
import { openBrowserRuntime } from "./models/runtime/browser-runtime.ts";
import { openModelFiles } from "./models/sources/open-files.ts";
import { transferring } from "./transfer.ts";

// Held for as long as the worker lives: see Engine in protocol.ts.
void navigator.locks?.request(self.name, () => new Promise(() => {}));

Comlink.expose(transferring(createEngine({ openRuntime: openBrowserRuntime, openFiles: openModelFiles })));
