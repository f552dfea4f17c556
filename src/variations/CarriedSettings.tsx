import { useStore } from "../state/useStore";
import { useDarkroom } from "../ui/context";
import { CloseIcon } from "../ui/icons";
import { highResolutionText, variationText } from "./words";

/** Settings that came with a picture and have no field of their own: said, and removable. */
export function CarriedSettings() {
  const { form } = useDarkroom();
  const carried = useStore(form, (typed) => typed.carried);
  const { variation, highResolution } = carried;
  const rows: [keyof typeof carried, string][] = [];
  if (variation) rows.push(["variation", variationText(variation)]);
  if (highResolution) rows.push(["highResolution", highResolutionText(highResolution)]);
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
