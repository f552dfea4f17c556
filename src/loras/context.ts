import { createService } from "../state/service";
import type { Loras } from "./loras";

export const [LorasContext, useLoras] = createService<Loras>("Loras");
