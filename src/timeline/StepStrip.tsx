import { type KeyboardEvent, memo, type PointerEvent, useId } from "react";
import type { Preview, Tensor } from "../../workers/protocol";
import { LatentCanvas } from "../develop/LatentCanvas";
import { shownRun } from "../develop/queue";
import { stageOf, stepNumber, totalSteps } from "../develop/steps";
import { useStore } from "../state/useStore";
import { useDarkroom } from "../ui/context";
import "./strip.css";

/** Pixels of a frame and the gap after it, at the most. */
const FRAME_WIDTH = 54;

/** The strip of steps: one frame a step, filled as they come; afterwards it scrubs through them. */
export function StepStrip() {
  const { queue, form, playback, branching } = useDarkroom();
  const state = useStore(queue.store, (queued) => queued);
  const planned = useStore(form, ({ steps }) => Number(steps));
  const id = useId();
  const run = shownRun(state);
  const first = run?.steps[0];
  const total = first
    ? totalSteps(first.stages)
    : (run?.settings.steps ?? (planned >= 1 && planned <= 1000 ? Math.floor(planned) : 0));
  // Image to image begins in the middle: the steps before never come.
  const wanted = total - (first?.index ?? 0);
  const arrived = run?.steps.length ?? 0;
  const blanks = Array.from({ length: Math.max(0, wanted - arrived) }, (_, i) => arrived + i);
  const selected = Math.min(state.step ?? arrived - 1, arrived - 1);

  const scrubTo = (place: number) => {
    playback.pause();
    queue.scrub(Math.max(0, Math.min(arrived - 1, place)));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const moves: Record<string, number> = {
      ArrowLeft: selected - 1,
      ArrowUp: selected - 1,
      ArrowRight: selected + 1,
      ArrowDown: selected + 1,
      PageUp: selected - 5,
      PageDown: selected + 5,
      Home: 0,
      End: arrived - 1,
    };
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in moves) scrubTo(moves[event.key]);
    else if (event.key === "Enter") branching.begin();
    else if (event.key === "d") void queue.decode();
    else if (event.key === " ") playback.toggle();
    else if (event.key === "v") queue.look(state.view === "x" ? "denoised" : "x");
    else return;
    event.preventDefault();
  };
  const onPointer = (event: PointerEvent<HTMLElement>) => {
    if (event.type === "pointerdown") event.currentTarget.setPointerCapture(event.pointerId);
    else if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const { top, height } = event.currentTarget.getBoundingClientRect();
    const under = document.elementFromPoint(event.clientX, top + height / 2)?.closest<HTMLElement>("[data-place]");
    if (under) scrubTo(Number(under.dataset.place));
  };

  const frames = blanks.map((place) => <div key={place} className="strip-frame" aria-hidden="true" />);
  const style = { maxWidth: wanted * FRAME_WIDTH };
  if (!run || arrived === 0)
    return (
      <div className="strip" style={style}>
        {frames}
      </div>
    );
  return (
    <div className="strip" style={style}>
      <div
        className="strip-list"
        role="listbox"
        aria-label="Steps"
        aria-orientation="horizontal"
        aria-activedescendant={`${id}-${selected}`}
        tabIndex={0}
        style={{ flexGrow: arrived }}
        onKeyDown={onKeyDown}
        onPointerDown={onPointer}
        onPointerMove={onPointer}
      >
        {run.steps.map((step, place) => (
          <StripOption
            key={stepNumber(step)}
            id={`${id}-${place}`}
            place={place}
            number={stepNumber(step)}
            total={total}
            selected={place === selected}
            branched={run.parent !== undefined && stepNumber(step) === run.parent.step + 2}
            latents={step[state.view]}
            preview={stageOf(step).preview}
          />
        ))}
      </div>
      {frames}
    </div>
  );
}

interface OptionProps {
  id: string;
  /** in the run's list of steps */
  place: number;
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
  place,
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
      className={branched ? "strip-frame strip-option branched" : "strip-frame strip-option"}
      data-place={place}
    >
      <LatentCanvas latents={latents} preview={preview} />
    </div>
  );
});
