import { EngineError } from "../../../errors.ts";

export function diskFull(): EngineError {
  return new EngineError(
    "DiskFull",
    "The disk space that the browser gives this page is used up; delete a model or pictures of the gallery, then continue: what has arrived is kept.",
  );
}
