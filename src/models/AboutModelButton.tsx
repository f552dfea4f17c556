import { useStore } from "../state/useStore";
import { useDialog } from "../ui/DialogHost";
import { AboutModel } from "./AboutModel";
import { useModels } from "./context";

/** Opens what the model's folder says of it. Nothing for a model that brings no concepts. */
export function AboutModelButton() {
  const models = useModels();
  const concepts = useStore(models.store, (state) => state.concepts);
  const show = useDialog();
  if (!concepts) return null;
  return (
    <button
      type="button"
      className="text-button"
      aria-haspopup="dialog"
      onClick={() => show((close) => <AboutModel concepts={concepts} onClose={close} />)}
    >
      What this model can draw
    </button>
  );
}
