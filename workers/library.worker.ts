import * as Comlink from "comlink";
import { createLibrary } from "./library.ts";
import { openLibrary } from "./models/cache/library.ts";

Comlink.expose(createLibrary(openLibrary));
