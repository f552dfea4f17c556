/** From a step of a run on with other settings: the form is filled with the run's, and Generate starts the branch. */
import type { ModelInfo } from "../../workers/protocol";
import { type Queue, shownRun } from "../runs/queue";
import { type Form, fieldError, fields, fromSettings } from "../settings/form";
import { createStore, type ReadOnlyStore, type Store } from "../state/store";
import { type Branch, branchRefusal, branchRuns } from "./branch-runs";

export interface BranchingState {
  branch: Branch | null;
  /** why the last wish to branch was refused; until something else is looked at */
  refusal: string | null;
}

export interface Branching {
  store: ReadOnlyStore<BranchingState>;
  /** Begins a branch at the step that is looked at; the form takes over the run's settings. */
  begin(): void;
  /** Leaves the branch; the form is again what it was. */
  cancel(): void;
  /** Leaves the branch and the form as it is. */
  leave(): void;
  setNoiseSeed(text: string): void;
  /** Queues the branch. The form must have no errors. False where the branch itself cannot run. */
  generate(info: ModelInfo): boolean;
}

/** What is wrong with a branch, in one sentence. */
export function branchError(branch: Branch, info: ModelInfo | null): string | undefined {
  if (info && info.id !== branch.parent.model.id)
    return `Picture ${branch.parent.number} was made with ${branch.parent.model.title}; choose that model or cancel the branch.`;
  return branch.noiseSeed.trim() === ""
    ? undefined
    : fieldError(branch.noiseSeed, { ...fields.seed, label: "Noise seed" }, info);
}

export function createBranching(queue: Queue, form: Store<Form>): Branching {
  const store = createStore<BranchingState>({ branch: null, refusal: null });
  let before: Form | null = null;

  queue.store.subscribe(() => {
    if (store.get().refusal) store.set({ refusal: null });
  });

  const leave = () => {
    before = null;
    store.set({ branch: null, refusal: null });
  };

  return {
    store,
    begin() {
      const state = queue.store.get();
      const run = shownRun(state);
      const place = state.step ?? (run ? run.steps.length - 1 : -1);
      const refusal = branchRefusal(run, place);
      if (refusal || !run) return store.set({ refusal });
      const typed = before ?? form.get();
      before = typed;
      store.set({ branch: { parent: run, place, noiseSeed: "" }, refusal: null });
      form.set({ ...fromSettings(typed, run.settings), newSeed: typed.newSeed, count: "1" });
    },
    cancel() {
      if (before) form.set(before);
      leave();
    },
    leave,
    setNoiseSeed: (noiseSeed) => store.set(({ branch }) => (branch ? { branch: { ...branch, noiseSeed } } : {})),
    generate(info) {
      const { branch } = store.get();
      if (!branch || branchError(branch, info)) return false;
      queue.add(info, branchRuns(branch, form.get()));
      leave();
      return true;
    },
  };
}
