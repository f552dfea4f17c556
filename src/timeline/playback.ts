/** Plays the steps of the run that is looked at, one after the other. Knows no React and no DOM. */
import { type Queue, shownRun } from "../runs/queue";
import { createStore, type Store } from "../state/store";

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
  store: Store<PlaybackState>;
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
  /** what the last tick showed: anything else was chosen by the visitor, who then has the word */
  let shown: { run: string; step: number } | null = null;

  const position = () => {
    const state = queue.store.get();
    const run = shownRun(state);
    if (!run) return null;
    const last = run.steps.length - 1;
    return { run: run.id, step: state.step ?? last, last };
  };

  const pause = () => {
    clearTimeout(timer);
    shown = null;
    if (store.get().playing) store.set({ playing: false });
  };

  const show = (run: string, step: number) => {
    shown = { run, step };
    queue.scrub(step);
  };

  const wait = () => {
    const interval = 1000 / (RATE * store.get().speed);
    timer = setTimeout(tick, calm() ? Math.max(interval, CALM_MS) : interval);
  };

  const tick = () => {
    const now = position();
    if (!now || now.step >= now.last) return pause();
    show(now.run, now.step + 1);
    if (now.step + 1 < now.last) wait();
    else pause();
  };

  queue.store.subscribe(() => {
    if (!shown) return;
    const now = position();
    if (now?.run !== shown.run || now.step !== shown.step) pause();
  });

  const play = () => {
    const now = position();
    if (!now || now.last < 1 || store.get().playing) return;
    store.set({ playing: true });
    show(now.run, now.step >= now.last ? 0 : now.step);
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
