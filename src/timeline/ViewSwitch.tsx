import { useQueue } from "../runs/context";
import type { View } from "../runs/run";
import { useStore } from "../state/useStore";

const VIEWS: { view: View; label: string }[] = [
  { view: "denoised", label: "Predicted picture" },
  { view: "x", label: "Noisy latents" },
];

/** Which latents the previews show: what the sampler expects (x0), or what it holds (x). */
export function ViewSwitch() {
  const queue = useQueue();
  const chosen = useStore(queue.store, (state) => state.view);
  return (
    <fieldset className="switch" aria-label="Preview">
      {VIEWS.map(({ view, label }) => (
        <label key={view}>
          <input type="radio" name="view" checked={view === chosen} onChange={() => queue.look(view)} />
          <span>{label}</span>
        </label>
      ))}
    </fieldset>
  );
}
