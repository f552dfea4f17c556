import * as Comlink from "comlink";
import { createLibrary } from "./library.ts";
import { openLibrary } from "./models/sources/cache/library.ts";

Comlink.expose(createLibrary(openLibrary));
