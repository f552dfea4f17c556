import type { PageAction } from "../actions/action";
import { ModelsButton } from "./ModelsButton";

export const modelsAction: PageAction = { name: "models", place: "foot", label: "Models", Button: ModelsButton };
