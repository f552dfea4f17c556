import { type KeyboardEvent, memo, type PointerEvent, useId, useRef } from "react";
import type { Preview, Tensor } from "../../workers/protocol";
import { actionsAt, performKey, useActions } from "../actions/action";
import { LatentCanvas } from "../outputs/LatentCanvas";
import { useQueue } from "../runs/context";
import { shownRun } from "../runs/queue";
import { stageOf, stepNumber, totalSteps } from "../runs/steps";
import { useForm } from "../settings/context";
import { useStore } from "../state/useStore";
import { useWidth } from "../ui/useWidth";
import { usePlayback } from "./context";
import { firstOf, frameCount, frameOf, shownIn } from "./frames";
import "./strip.css";

/** Pixels of a frame and the gap after it, at the most. */
const FRAME_WIDTH = 54;

/** The strip of steps, filled as they come; afterwards it scrubs through them. Where they do not fit, a frame stands for several steps. */
export function StepStrip() {
  const queue = useQueue();
  const form = useForm();
  const playback = usePlayback();
  const actions = useActions();
  const state = useStore(queue.store, (queued) => queued);
  const planned = useStore(form, ({ steps }) => Number(steps));
  const id = useId();
  const strip = useRef<HTMLDivElement>(null);
  const width = useWidth(strip);
  const run = shownRun(state);
  const first = run?.steps[0];
  const total = first
    ? totalSteps(first.stages)
    : (run?.settings.steps ?? (planned >= 1 && planned <= 1000 ? Math.floor(planned) : 0));
  // Image to image begins in the middle: the steps before never come.
  const wanted = total - (first?.index ?? 0);
  const arrived = run?.steps.length ?? 0;
  const selected = Math.min(state.step ?? arrived - 1, arrived - 1);
  const count = Math.max(wanted, arrived); // of a run that ended early none is missing
  const frames = frameCount(count, width);
  const filled = arrived === 0 ? 0 : frameOf(arrived - 1, count, frames) + 1;

  const scrubTo = (place: number) => {
    playback.pause();
    queue.scrub(Math.max(0, Math.min(arrived - 1, place)));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (performKey(actionsAt(actions, "strip"), event.nativeEvent, null)) event.preventDefault();
  };
  const onPointer = (event: PointerEvent<HTMLElement>) => {
    if (event.type === "pointerdown") event.currentTarget.setPointerCapture(event.pointerId);
    else if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const { top, height } = event.currentTarget.getBoundingClientRect();
    const under = document.elementFromPoint(event.clientX, top + height / 2)?.closest<HTMLElement>("[data-frame]");
    if (!under) return;
    const frame = Number(under.dataset.frame);
    const [from, to] = [firstOf(frame, count, frames), firstOf(frame + 1, count, frames)];
    const box = under.getBoundingClientRect();
    const share = Math.max(0, Math.min(0.999, (event.clientX - box.left) / box.width));
    scrubTo(from + Math.floor(share * (to - from)));
  };

  const blanks = Array.from({ length: frames - filled }, (_, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike
    <div key={i} className="strip-frame" aria-hidden="true" />
  ));
  const style = { maxWidth: frames * FRAME_WIDTH };
  const branchedAt = run?.parent ? run.steps.findIndex((step) => stepNumber(step) === (run.parent?.step ?? 0) + 2) : -1;
  if (!run || arrived === 0)
    return (
      <div ref={strip} className="strip-room">
        <div className="strip" style={style}>
          {blanks}
        </div>
      </div>
    );
  return (
    <div ref={strip} className="strip-room">
      <div className="strip" style={style}>
        <div
          className="strip-list"
          role="listbox"
          aria-label="Steps"
          aria-orientation="horizontal"
          aria-activedescendant={`${id}-${frameOf(selected, count, frames)}`}
          tabIndex={0}
          style={{ flexGrow: filled }}
          onKeyDown={onKeyDown}
          onPointerDown={onPointer}
          onPointerMove={onPointer}
        >
          {Array.from({ length: filled }, (_, frame) => {
            const place = shownIn(frame, count, frames, selected);
            const step = run.steps[place];
            return (
              <StripOption
                // biome-ignore lint/suspicious/noArrayIndexKey: a frame is its place in the strip
                key={frame}
                id={`${id}-${frame}`}
                frame={frame}
                place={place}
                count={arrived}
                number={stepNumber(step)}
                total={total}
                selected={place === selected}
                branched={branchedAt >= 0 && frameOf(branchedAt, count, frames) === frame}
                latents={step[state.view]}
                preview={stageOf(step).preview}
              />
            );
          })}
        </div>
        {blanks}
      </div>
    </div>
  );
}

interface OptionProps {
  id: string;
  frame: number;
  /** in the run's list of steps, of so many */
  place: number;
  count: number;
  number: number;
  total: number;
  selected: boolean;
  /** the first step of a branch's own */
  branched: boolean;
  latents: Tensor;
  preview: Preview;
}

const StripOption = memo(function StripOption({
  id,
  frame,
  place,
  count,
  number,
  total,
  selected,
  branched,
  latents,
  preview,
}: OptionProps) {
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the listbox has the focus and names its active option
    <div
      id={id}
      role="option"
      aria-selected={selected}
      aria-label={`Step ${number} of ${total}`}
      aria-posinset={place + 1}
      aria-setsize={count}
      className={branched ? "strip-frame strip-option branched" : "strip-frame strip-option"}
      data-frame={frame}
    >
      <LatentCanvas latents={latents} preview={preview} />
    </div>
  );
});
