/** What can be done, each declared once by its feature: buttons, shortcuts and the help's table of keys are drawn from it. */
import type { ComponentType, ReactNode } from "react";
import type { ModelInfo } from "../../workers/protocol";
import type { QueueState } from "../runs/queue";
import type { Run } from "../runs/run";
import { createService } from "../state/service";

/** What a button or a shortcut of the page can reach. */
export interface PageContext {
  /** Opens a dialog beside the page. */
  show(dialog: (close: () => void) => ReactNode): void;
  /** Asks for the pictures of the form, or goes to the setting that is out of range. */
  generate(): void;
}

/** What an action on a run that is over can reach. */
export interface RunContext extends Pick<PageContext, "show"> {
  run: Run;
  /** the step that is looked at, in the run's list; the last one is the picture itself, -1 is none */
  place: number;
  /** the step as a PNG file, once it is decoded */
  shown: Blob | null;
  queue: QueueState;
  /** the model that is loaded */
  info: ModelInfo | null;
}

/** A row of the help's table of keys. */
export interface KeyHelp {
  keys: string[];
  text: string;
}

export interface Action<Context> {
  /** unique */
  name: string;
  label: string | ((context: Context) => string);
  /** the accessible name, where the label is shorter */
  fullName?: string;
  title?: (context: Context) => string | undefined;
  icon?: ComponentType;
  /** of its button, besides the place's own */
  className?: string;
  opensDialog?: boolean;
  /** the stores that it reads besides the context */
  reads?: readonly { subscribe(listener: () => void): () => void }[];
  /** whether it is offered */
  predicate?(context: Context): boolean;
  /** why it cannot be done now, in one sentence; it is offered all the same */
  refusal?(context: Context): string | null;
  disabled?(context: Context): boolean;
  keyTest?(event: KeyboardEvent): boolean;
  /** as `aria-keyshortcuts` names them */
  shortcut?: string;
  help?: KeyHelp;
  perform?(context: Context): void;
  /** draws it instead of a plain button */
  Button?: ComponentType<Context>;
}

export type RunAction = Action<RunContext> & { place: "run" };
export type PageAction = Action<PageContext> & { place: "prompt" | "foot" };
/** Keys of the strip of steps, while it has the focus. */
export type StripAction = Action<null> & { place: "strip" };
/** Keys that a control handles itself. */
export interface ControlKeys {
  place: "control";
  name: string;
  help: KeyHelp;
}
export type AnyAction = RunAction | PageAction | StripAction | ControlKeys;

export const [ActionsContext, useActions] = createService<readonly AnyAction[]>("Actions");

type At<Place> = Extract<AnyAction, { place: Place extends "prompt" | "foot" ? "prompt" | "foot" : Place }>;

/** The actions of that place, in their order. */
export function actionsAt<Place extends AnyAction["place"]>(actions: readonly AnyAction[], place: Place): At<Place>[] {
  return actions.filter((action): action is At<Place> => action.place === place);
}

/** Performs the action whose key it is. False where it is none's. */
export function performKey<Context>(
  actions: readonly Action<Context>[],
  event: KeyboardEvent,
  context: Context,
): boolean {
  const action = actions.find(({ keyTest }) => keyTest?.(event));
  action?.perform?.(context);
  return action !== undefined;
}

/** Any of these keys, alone. */
export function plainKey(...keys: string[]): (event: KeyboardEvent) => boolean {
  return ({ key, ctrlKey, metaKey, altKey }) => !ctrlKey && !metaKey && !altKey && keys.includes(key);
}

/** An open dialog keeps Escape and "?" for itself. */
export function isDialogOpen(): boolean {
  return document.querySelector("dialog[open]") !== null;
}
