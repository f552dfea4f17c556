import { useQueue } from "../runs/context";
import { shownRun } from "../runs/queue";
import { useStore } from "../state/useStore";
import { PauseIcon, PlayIcon } from "../ui/icons";
import { usePlayback } from "./context";
import { SPEEDS } from "./playback";
import { StepStrip } from "./StepStrip";
import "./timeline.css";
import { ViewSwitch } from "./ViewSwitch";

/** The strip of steps, what plays it, and which latents it shows. */
export function Timeline() {
  const queue = useQueue();
  const playback = usePlayback();
  const { playing, speed } = useStore(playback.store, (state) => state);
  const steps = useStore(queue.store, (state) => shownRun(state)?.steps.length ?? 0);
  const shown = useStore(queue.store, (state) => shownRun(state) !== null);
  const playable = steps > 1;
  return (
    <div className={shown ? "timeline shown" : "timeline"}>
      {playable && (
        <button
          type="button"
          className="icon-button"
          aria-label={playing ? "Pause" : "Play the steps"}
          onClick={playback.toggle}
        >
          {playing ? <PauseIcon /> : <PlayIcon />}
        </button>
      )}
      <StepStrip />
      {playable && (
        <select
          className="speed"
          aria-label="Speed"
          value={speed}
          onChange={(event) => playback.setSpeed(Number(event.target.value))}
        >
          {SPEEDS.map((one) => (
            <option key={one} value={one}>{`${one} ×`}</option>
          ))}
        </select>
      )}
      {steps > 0 && <ViewSwitch />}
    </div>
  );
}
