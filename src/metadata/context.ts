import { createService } from "../state/service";
import type { Opening } from "./opening";

export const [OpeningContext, useOpening] = createService<Opening>("Opening");
