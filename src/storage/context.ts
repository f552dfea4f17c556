import { createService } from "../state/service";
import type { Store } from "../state/store";
import type { Kept } from "./kept";

export const [KeptContext, useKept] = createService<Store<Kept>>("Kept");
