import { createService } from "../state/service";
import type { Models } from "./loading";
import type { ModelShelf } from "./shelf";

export const [ModelsContext, useModels] = createService<Models>("Models");
export const [ShelfContext, useShelf] = createService<ModelShelf>("Shelf");
