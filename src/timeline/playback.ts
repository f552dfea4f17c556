/** Plays the steps of the run that is looked at, one after the other. Knows no React and no DOM. */
import { type Queue, shownRun } from "../runs/queue";
import { createStore, type ReadOnlyStore } from "../state/store";

export const SPEEDS = [0.5, 1, 2, 4];

/** Steps a second at speed 1. */
const RATE = 5;
/** The fastest change where the visitor asked for less motion. */
const CALM_MS = 1000;

export interface PlaybackState {
  playing: boolean;
  /** one of `SPEEDS` */
  speed: number;
}

export interface Playback {
  store: ReadOnlyStore<PlaybackState>;
  /** Goes on from the step that is looked at, from the first one at the end. Does nothing with fewer than two steps. */
  play(): void;
  pause(): void;
  toggle(): void;
  setSpeed(speed: number): void;
}

/** @param calm whether the visitor asked for less motion; read at every step */
export function createPlayback(queue: Queue, calm: () => boolean): Playback {
  const store = createStore<PlaybackState>({ playing: false, speed: 1 });
  let timer: ReturnType<typeof setTimeout> | undefined;
  let scrubbing = false;

  const position = (state = queue.store.get()) => {
    const run = shownRun(state);
    if (!run) return null;
    const last = run.steps.length - 1;
    return { run: run.id, step: state.step ?? last, last };
  };

  const pause = () => {
    clearTimeout(timer);
    if (store.get().playing) store.set({ playing: false });
  };

  const show = (step: number) => {
    scrubbing = true;
    queue.scrub(step);
    scrubbing = false;
  };

  const wait = () => {
    const interval = 1000 / (RATE * store.get().speed);
    timer = setTimeout(tick, calm() ? Math.max(interval, CALM_MS) : interval);
  };

  const tick = () => {
    const now = position();
    if (!now || now.step >= now.last) return pause();
    show(now.step + 1);
    if (now.step + 1 < now.last) wait();
    else pause();
  };

  // Whatever else is looked at was chosen by the visitor, who then has the word.
  queue.store.subscribe((state, previous) => {
    if (scrubbing || !store.get().playing) return;
    const [now, before] = [position(state), position(previous)];
    if (now?.run !== before?.run || now?.step !== before?.step) pause();
  });

  const play = () => {
    const now = position();
    if (!now || now.last < 1 || store.get().playing) return;
    store.set({ playing: true });
    show(now.step >= now.last ? 0 : now.step);
    wait();
  };

  return {
    store,
    play,
    pause,
    toggle: () => (store.get().playing ? pause() : play()),
    setSpeed: (speed) => store.set({ speed }),
  };
}
