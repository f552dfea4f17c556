import { EngineError } from "../../errors.ts";

export function diskFull(): EngineError {
  return new EngineError(
    "OutOfMemory",
    "The disk space that the browser gives this page is used up; delete a model or free some space, and go on: what has arrived is kept.",
  );
}
