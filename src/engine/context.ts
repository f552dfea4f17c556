import { createService } from "../state/service";
import type { EngineClient } from "./client";

export const [EngineContext, useEngine] = createService<EngineClient>("Engine");
