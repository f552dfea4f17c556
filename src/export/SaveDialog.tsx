import { useEffect, useId, useState } from "react";
import { useQueue } from "../runs/context";
import type { Run } from "../runs/run";
import { useStore } from "../state/useStore";
import { ChevronIcon } from "../ui/icons";
import { Modal } from "../ui/Modal";
import { useSaving } from "./context";
import { FORMAT_NAMES } from "./encode";
import "./save.css";
import { SaveProgress } from "./SaveProgress";
import type { SaveKind, SaveOptions } from "./saving";
import { chooseVideoFormat, NO_VIDEO, type VideoFormat, videoSize } from "./time-lapse";

const KINDS: [kind: SaveKind, label: string][] = [
  ["png", FORMAT_NAMES.png],
  ["jpeg", FORMAT_NAMES.jpeg],
  ["webp", FORMAT_NAMES.webp],
  ["sheet", "Contact sheet"],
  ["video", "Time-lapse video"],
];

const CODECS: Partial<Record<string, string>> = { avc: "H.264", hevc: "H.265", vp9: "VP9", vp8: "VP8", av1: "AV1" };

/** Save as: the picture in a format, all its steps on one sheet, or its steps as a video. */
export function SaveDialog({ run, place, onClose }: { run: Run; place: number; onClose: () => void }) {
  const saving = useSaving();
  const queue = useQueue();
  const { job } = useStore(saving.store, (state) => state);
  const view = useStore(queue.store, (state) => state.view);
  const [options, setOptions] = useState<SaveOptions>({
    kind: "png",
    quality: 90,
    view,
    full: true,
    stepsPerSecond: 4,
  });
  const [video, setVideo] = useState<VideoFormat | null | "unknown">("unknown");
  const id = useId();
  const { kind } = options;
  const change = (patch: Partial<SaveOptions>) => setOptions((chosen) => ({ ...chosen, ...patch }));
  const steps = kind === "sheet" || kind === "video";
  useEffect(() => {
    if (kind === "video") void chooseVideoFormat(videoSize(run.settings)).then(setVideo);
  }, [kind, run.settings]);
  // What is being saved when the dialog closes is given up.
  useEffect(
    () => () => {
      saving.cancel();
      saving.clear();
    },
    [saving],
  );
  return (
    <Modal title="Save" className="save" onClose={onClose}>
      <form
        className="save-form"
        onSubmit={(event) => {
          event.preventDefault();
          void saving.save(run, place, options);
        }}
      >
        <fieldset className="switch save-kinds" aria-label="Save as" disabled={job !== null}>
          {KINDS.map(([one, label]) => (
            <label key={one}>
              <input type="radio" name="kind" checked={kind === one} onChange={() => change({ kind: one })} />
              <span>{label}</span>
            </label>
          ))}
        </fieldset>
        {(kind === "jpeg" || kind === "webp") && (
          <div className="field">
            <label htmlFor={`${id}-quality`}>{`Quality: ${options.quality}`}</label>
            <input
              id={`${id}-quality`}
              type="range"
              min={1}
              max={100}
              value={options.quality}
              style={{ "--share": options.quality / 100 } as React.CSSProperties}
              onChange={(event) => change({ quality: Number(event.target.value) })}
            />
          </div>
        )}
        {steps && (
          <fieldset className="save-steps" disabled={job !== null}>
            <Choice
              label="Each step shows"
              value={options.view}
              options={[
                ["denoised", "Predicted picture"],
                ["x", "Noisy latents"],
              ]}
              onChoose={(chosen) => change({ view: chosen })}
            />
            <Choice
              label="Drawn by"
              value={options.full ? "full" : "preview"}
              options={[
                ["full", "the decoder, in full"],
                ["preview", "the quick preview"],
              ]}
              onChoose={(chosen) => change({ full: chosen === "full" })}
            />
            {kind === "video" && (
              <Choice
                label="Steps a second"
                value={String(options.stepsPerSecond)}
                options={["1", "2", "4", "8", "16"].map((one) => [one, one])}
                onChoose={(chosen) => change({ stepsPerSecond: Number(chosen) })}
              />
            )}
          </fieldset>
        )}
        {kind === "video" && video !== "unknown" && (
          <p className="save-note">
            {video ? `${video.container === "mp4" ? "MP4" : "WebM"}, ${CODECS[video.codec] ?? video.codec}` : NO_VIDEO}
          </p>
        )}
        <SaveProgress blocked={kind === "video" && video === null} />
      </form>
    </Modal>
  );
}

interface ChoiceProps<T extends string> {
  label: string;
  value: T;
  options: (readonly [T, string])[];
  onChoose: (value: T) => void;
}

function Choice<T extends string>({ label, value, options, onChoose }: ChoiceProps<T>) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className="select">
        <select id={id} value={value} onChange={(event) => onChoose(event.target.value as T)}>
          {options.map(([one, text]) => (
            <option key={one} value={one}>
              {text}
            </option>
          ))}
        </select>
        <ChevronIcon />
      </div>
    </div>
  );
}
