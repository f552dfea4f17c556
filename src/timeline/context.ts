import { createService } from "../state/service";
import type { Branching } from "./branching";
import type { Playback } from "./playback";

export const [PlaybackContext, usePlayback] = createService<Playback>("Playback");
export const [BranchingContext, useBranching] = createService<Branching>("Branching");
