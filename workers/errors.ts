import type { EngineErrorName } from "./protocol.ts";

/** An error with a name from the protocol's closed set; the message says the cause and the remedy in one sentence. */
export class EngineError extends Error {
  override readonly name: EngineErrorName;

  constructor(name: EngineErrorName, message: string) {
    super(message);
    this.name = name;
  }
}

/** Whatever was thrown, as an EngineError: out-of-memory is told apart, the rest is `Internal`. */
export function toEngineError(error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  const message = error instanceof Error ? error.message : String(error);
  // Browsers say it in these ways, all but the first as a RangeError; other RangeErrors are no matter of memory.
  if (
    /bad_alloc|out of memory|allocat(e memory|ion failed)|memory size exceeded|invalid (typed )?array length/i.test(
      message,
    )
  ) {
    return new EngineError(
      "OutOfMemory",
      `The memory did not suffice (${message}); choose a smaller picture or close other tabs, then try again.`,
    );
  }
  return new EngineError("Internal", message);
}
