import { useModels } from "../models/context";
import { modelInfo } from "../models/loading";
import { useForm } from "../settings/context";
import { formErrors, toRuns } from "../settings/form";
import { useStore } from "../state/useStore";
import { formatBytes, formatRoughly } from "../ui/format";
import { usePaces } from "./context";
import { estimateOf, isBeyond } from "./estimate";
import { paceKey } from "./paces";

/** Before Generate, of a size far beyond the model's own: what it takes, what the model does there, and what to do instead. */
export function SizeHint() {
  const form = useForm();
  const models = useModels();
  const paces = usePaces();
  const typed = useStore(form, (values) => values);
  const info = useStore(models.store, modelInfo);
  const pace = useStore(paces, (known) => (info ? known[paceKey(info)] : undefined));
  if (!info || Object.keys(formErrors(typed, info)).length > 0) return null;
  const size = { width: Number(typed.width), height: Number(typed.height) };
  if (!isBeyond(size, info)) return null;
  const { width, height } = info.defaults;
  const [run] = toRuns({ ...typed, count: "1", prompt: "", negativePrompt: "" });
  const estimate = pace && estimateOf(run.settings, info, pace);
  return (
    <p className="prompt-hint">
      <span>
        {`${size.width} × ${size.height}: `}
        {estimate &&
          `${formatRoughly(estimate.milliseconds)} a picture and about ${formatBytes(estimate.memory)} of memory. `}
        {`${info.title} draws ${width} × ${height}; a much larger canvas takes longer and repeats objects. Draw at that size, then use Vary or upscale.`}
      </span>
    </p>
  );
}
