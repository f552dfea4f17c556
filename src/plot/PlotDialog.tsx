import { useRef, useState } from "react";
import { useStartImage } from "../image/context";
import { startImageProblem } from "../image/start-image";
import { useModels } from "../models/context";
import { modelInfo } from "../models/loading";
import { download, fileName } from "../outputs/picture/png";
import { useQueue } from "../runs/context";
import { isOver } from "../runs/run";
import { useForm } from "../settings/context";
import { formErrors, randomSeed, toRuns } from "../settings/form";
import { useStore } from "../state/useStore";
import { DownloadIcon, StopIcon } from "../ui/icons";
import { Modal } from "../ui/Modal";
import { usePlots } from "./context";
import { PlotAxis } from "./PlotAxis";
import { PlotGrid } from "./PlotGrid";
import "./plot.css";
import { hasErrors, readAxes, runsOf } from "./plot";

/** Up to three settings and lists of values for them: every combination as one labelled picture. */
export function PlotDialog({ onClose }: { onClose: () => void }) {
  const plots = usePlots();
  const form = useForm();
  const models = useModels();
  const queue = useQueue();
  const startImage = useStartImage();
  const { axes, plot } = useStore(plots.store, (state) => state);
  const typed = useStore(form, (state) => state);
  const info = useStore(models.store, modelInfo);
  const runs = useStore(queue.store, (state) => state.runs);
  const start = useStore(startImage.store, (state) => state);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [asked, setAsked] = useState(false);
  const [base] = toRuns({ ...typed, count: "1" });
  const [wrong] = Object.values(formErrors(typed, info));
  const reading = info && !wrong ? readAxes(axes, base, info) : null;
  const cells = plot ? runsOf(plot, runs) : [];
  const open = cells.filter((run) => run && !isOver(run)).length;
  const done = cells.filter((run) => run?.status === "done").length;
  const problem =
    wrong ??
    startImageProblem(start, info) ??
    (info ? undefined : "The model is still loading.") ??
    reading?.error ??
    (asked ? reading?.errors.find((error) => error !== undefined) : undefined);
  const begin = () => {
    setAsked(true);
    if (!info || !reading || hasErrors(reading) || startImageProblem(start, info)) return;
    setAsked(false);
    if (typed.newSeed) form.set({ seed: randomSeed() });
    const [drawn] = toRuns({ ...form.get(), count: "1" });
    void plots.start(readAxes(axes, drawn, info), drawn, info);
  };
  return (
    <Modal title="X/Y/Z plot" className="plot" onClose={onClose}>
      <form
        className="plot-form"
        onSubmit={(event) => {
          event.preventDefault();
          begin();
        }}
        // Here it is the plot that Ctrl+Enter starts, not a picture.
        onKeyDown={(event) => {
          if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
          event.preventDefault();
          if (open === 0) begin();
        }}
      >
        {axes.map((_, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the three axes never move
          <PlotAxis key={index} index={index} withImage={start.source !== null} error={reading?.errors[index]} />
        ))}
        <div className="plot-end">
          <p className="plot-note" role="status">
            {problem ?? (reading && !hasErrors(reading) ? sizeText(reading.values.map(({ length }) => length)) : "")}
          </p>
          <button type="submit" className="button primary" disabled={open > 0}>
            Plot
          </button>
        </div>
      </form>
      {plot && (
        <>
          <PlotGrid plot={plot} canvas={canvas} label={`Plot, ${done} of ${plot.runs.length} pictures`} />
          <div className="plot-end">
            <p className="plot-note">{`${done} of ${plot.runs.length} pictures`}</p>
            {open > 0 && (
              <button type="button" className="button" onClick={plots.cancel}>
                <StopIcon />
                Cancel plot
              </button>
            )}
            <button
              type="button"
              className="button"
              onClick={() =>
                canvas.current?.toBlob((blob) => {
                  if (blob) download(blob, fileName(plot.prompt, plot.seed).replace(/\.png$/, "-plot.png"));
                }, "image/png")
              }
            >
              <DownloadIcon />
              Save plot
            </button>
          </div>
        </>
      )}
    </Modal>
  );
}

/** "6 pictures, 3 × 2" */
function sizeText(lengths: readonly number[]): string {
  const count = lengths.reduce((product, length) => product * length, 1);
  return `${count} ${count === 1 ? "picture" : "pictures"}, ${lengths.filter((length, i) => i < 2 || length > 1).join(" × ")}`;
}
