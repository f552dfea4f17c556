import { createService } from "../state/service";
import type { Unfinished } from "./unfinished";

export const [UnfinishedContext, useUnfinished] = createService<Unfinished>("Unfinished");
