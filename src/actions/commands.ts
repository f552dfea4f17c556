/** What several features do together. Declared here for the features below app/, which fills it in. */
import type { Settings } from "../../workers/protocol";
import { createService } from "../state/service";

export interface Commands {
  /**
   * Asks for the pictures of the form. False where a setting is out of range: nothing is asked for then.
   * @param again asks for them even where nothing has changed since the last time, so that they will be the same
   */
  generate(again?: boolean): boolean;
  /** Takes a file that was dropped or pasted. */
  takeFile(file: File): Promise<void>;
  /** Takes up the runs that were broken off in an earlier visit. */
  goOn(): Promise<void>;
  /** Takes the settings of a run or of a kept picture over into the form. */
  reuse(made: { settings: Settings }): void;
}

export const [CommandsContext, useCommands] = createService<Commands>("Commands");
