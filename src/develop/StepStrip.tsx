import { type KeyboardEvent, memo, type PointerEvent, useId } from "react";
import type { ModelInfo, Tensor } from "../../workers/protocol";
import { useStore } from "../state/useStore";
import { useDarkroom } from "../ui/context";
import { LatentCanvas } from "./LatentCanvas";
import { shownRun } from "./queue";
import "./strip.css";

/** The strip of steps: one frame a step, filled as they come; afterwards it scrubs through them. */
export function StepStrip() {
  const { queue, form } = useDarkroom();
  const state = useStore(queue.store, (queued) => queued);
  const planned = useStore(form, ({ steps }) => Number(steps));
  const id = useId();
  const run = shownRun(state);
  const total = run?.settings.steps ?? (planned >= 1 && planned <= 1000 ? Math.floor(planned) : 0);
  const arrived = run?.steps.length ?? 0;
  const blanks = Array.from({ length: Math.max(0, total - arrived) }, (_, i) => arrived + i);
  const selected = Math.min(state.step ?? arrived - 1, arrived - 1);

  const scrubTo = (index: number) => queue.scrub(Math.max(0, Math.min(arrived - 1, index)));
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
    else if (event.key === "Enter") void queue.decode();
    else return;
    event.preventDefault();
  };
  const onPointer = (event: PointerEvent<HTMLElement>) => {
    if (event.type === "pointerdown") event.currentTarget.setPointerCapture(event.pointerId);
    else if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const { top, height } = event.currentTarget.getBoundingClientRect();
    const under = document.elementFromPoint(event.clientX, top + height / 2)?.closest<HTMLElement>("[data-step]");
    if (under) scrubTo(Number(under.dataset.step));
  };

  const frames = blanks.map((index) => <div key={index} className="strip-frame" aria-hidden="true" />);
  if (!run || arrived === 0) return <div className="strip">{frames}</div>;
  return (
    <div className="strip">
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
        {run.steps.map((step) => (
          <StripOption
            key={step.index}
            id={`${id}-${step.index}`}
            index={step.index}
            total={total}
            selected={step.index === selected}
            latents={step[state.view]}
            map={run.model.preview}
          />
        ))}
      </div>
      {frames}
    </div>
  );
}

interface OptionProps {
  id: string;
  index: number;
  total: number;
  selected: boolean;
  latents: Tensor;
  map: ModelInfo["preview"];
}

const StripOption = memo(function StripOption({ id, index, total, selected, latents, map }: OptionProps) {
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the listbox has the focus and names its active option
    <div
      id={id}
      role="option"
      aria-selected={selected}
      aria-label={`Step ${index + 1} of ${total}`}
      className="strip-frame"
      data-step={index}
    >
      <LatentCanvas latents={latents} map={map} />
    </div>
  );
});
