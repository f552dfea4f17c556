/** What this visit waits for, and what happened to its engine. */
import type { Form } from "../settings/form";

export interface Session {
  /** what Generate was pressed with before the model was there */
  waiting: Form[];
  /** the engine died and is (or was) started again */
  restart: "none" | "under way" | "done";
  /** number of the run that Generate would have drawn once more; it was not queued */
  repeat: number | null;
}
