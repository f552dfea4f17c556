import { createService } from "../state/service";
import type { ReadOnlyStore } from "../state/store";
import type { Paces } from "./paces";

export const [PacesContext, usePaces] = createService<ReadOnlyStore<Paces>>("Paces");
