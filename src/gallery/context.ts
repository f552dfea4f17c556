import { createService } from "../state/service";
import type { Gallery } from "./gallery";

export const [GalleryContext, useGallery] = createService<Gallery>("Gallery");
