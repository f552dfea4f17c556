import { createService } from "../state/service";
import type { Store } from "../state/store";
import type { Paces } from "./paces";

export const [PacesContext, usePaces] = createService<Store<Paces>>("Paces");
