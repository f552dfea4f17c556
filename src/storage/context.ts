import { createService } from "../state/service";
import type { ReadOnlyStore } from "../state/store";
import type { Kept } from "./kept";

export const [KeptContext, useKept] = createService<ReadOnlyStore<Kept>>("Kept");
