import { createService } from "../state/service";
import type { StartImage } from "./start-image";

export const [StartImageContext, useStartImage] = createService<StartImage>("StartImage");
