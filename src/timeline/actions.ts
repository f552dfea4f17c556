/** What can be done with the step that is looked at. */
import { plainKey, type RunAction, type StripAction } from "../actions/action";
import { type Queue, shownRun } from "../runs/queue";
import { decodedKey } from "../runs/run";
import { BranchIcon } from "../ui/icons";
import { branchRefusal } from "./branch-runs";
import type { Branching } from "./branching";
import type { Playback } from "./playback";

export function decodeAction(queue: Queue): RunAction {
  return {
    name: "decode",
    place: "run",
    label: ({ run, place, queue: { decoding, view } }) =>
      decoding?.run === run.id && decoding.key === decodedKey(place, view) ? "Decoding" : "Decode this step",
    predicate: ({ place, shown }) => place >= 0 && !shown,
    disabled: ({ queue: { decoding } }) => decoding !== null,
    perform: () => void queue.decode(),
  };
}

/** Goes on from the step that is looked at with other settings. */
export function branchAction(branching: Branching): RunAction {
  return {
    name: "branch",
    place: "run",
    label: "Branch",
    icon: BranchIcon,
    title: () => "Go on from this step with other settings",
    refusal: ({ run, queue: { step } }) => branchRefusal(run, step ?? run.steps.length - 1),
    perform: branching.begin,
  };
}

export function stripActions(queue: Queue, playback: Playback, branching: Branching): StripAction[] {
  const scrub = (to: (selected: number, last: number) => number) => () => {
    const state = queue.store.get();
    const last = (shownRun(state)?.steps.length ?? 0) - 1;
    playback.pause();
    queue.scrub(Math.max(0, Math.min(last, to(Math.min(state.step ?? last, last), last))));
  };
  const place = "strip";
  return [
    {
      name: "previous step",
      place,
      label: "Previous step",
      keyTest: plainKey("ArrowLeft", "ArrowUp"),
      help: { keys: ["Left", "Right"], text: "Go through the steps, when the strip has the focus" },
      perform: scrub((selected) => selected - 1),
    },
    {
      name: "next step",
      place,
      label: "Next step",
      keyTest: plainKey("ArrowRight", "ArrowDown"),
      perform: scrub((selected) => selected + 1),
    },
    {
      name: "5 back",
      place,
      label: "5 steps back",
      keyTest: plainKey("PageUp"),
      perform: scrub((selected) => selected - 5),
    },
    {
      name: "5 on",
      place,
      label: "5 steps on",
      keyTest: plainKey("PageDown"),
      perform: scrub((selected) => selected + 5),
    },
    {
      name: "first step",
      place,
      label: "First step",
      keyTest: plainKey("Home"),
      help: { keys: ["Home", "End"], text: "The first step, the last step" },
      perform: scrub(() => 0),
    },
    { name: "last step", place, label: "Last step", keyTest: plainKey("End"), perform: scrub((_, last) => last) },
    {
      name: "branch from step",
      place,
      label: "Branch",
      keyTest: plainKey("Enter"),
      help: { keys: ["Enter"], text: "Branch from the chosen step; there too" },
      perform: branching.begin,
    },
    {
      name: "play",
      place,
      label: "Play the steps",
      keyTest: plainKey(" "),
      help: { keys: ["Space"], text: "Play the steps, and pause; there too" },
      perform: playback.toggle,
    },
    {
      name: "decode step",
      place,
      label: "Decode this step",
      keyTest: plainKey("d"),
      help: { keys: ["D"], text: "Decode the chosen step in full; there too" },
      perform: () => void queue.decode(),
    },
    {
      name: "view",
      place,
      label: "Preview",
      keyTest: plainKey("v"),
      help: { keys: ["V"], text: "Predicted picture or noisy latents; there too" },
      perform: () => queue.look(queue.store.get().view === "x" ? "denoised" : "x"),
    },
  ];
}
