import { createService } from "../state/service";
import type { Saving } from "./saving";

export const [SavingContext, useSaving] = createService<Saving>("Saving");
