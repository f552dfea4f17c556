import { useStore } from "../state/useStore";
import { useDarkroom } from "../ui/context";
import { CloseIcon } from "../ui/icons";

/** Settings that came with a picture and have no field of their own: said, and removable. */
export function CarriedSettings() {
  const { form } = useDarkroom();
  const carried = useStore(form, (typed) => typed.carried);
  const { variation, highResolution } = carried;
  const rows: [keyof typeof carried, string][] = [];
  if (variation) rows.push(["variation", `Variation ${variation.seed}, strength ${variation.strength}`]);
  if (highResolution) {
    const { scale, steps, strength } = highResolution;
    rows.push(["highResolution", `${scale} times as large, ${steps} more steps, strength ${strength}`]);
  }
  return rows.map(([key, text]) => (
    <p key={key} className="carried">
      <span>{text}</span>
      <button
        type="button"
        className="icon-button"
        aria-label={`Remove: ${text}`}
        onClick={() => {
          const { [key]: _, ...rest } = carried;
          form.set({ carried: rest });
        }}
      >
        <CloseIcon />
      </button>
    </p>
  ));
}
