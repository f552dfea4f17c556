import type { RunAction } from "../actions/action";
import type { StartImage } from "./start-image";

/** Takes a finished picture as the next one's start. */
export function startImageAction(startImage: StartImage): RunAction {
  return {
    name: "start image",
    place: "run",
    label: "Use as start image",
    predicate: ({ run }) => run.png !== null,
    perform({ run: { png, number } }) {
      if (png) void startImage.take(png, `Picture ${number}`);
    },
  };
}
