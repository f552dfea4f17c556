import { createService } from "../state/service";
import type { Plots } from "./plot";

export const [PlotsContext, usePlots] = createService<Plots>("Plots");
