import { useDarkroom } from "../app/context";
import { useStore } from "../state/useStore";
import { useDialog } from "../ui/DialogHost";
import { AboutModel } from "./AboutModel";

/** Opens what the model's folder says of it. Nothing for a model that brings no concepts. */
export function AboutModelButton() {
  const { models } = useDarkroom();
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
