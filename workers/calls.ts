/** Calls that are made one after the other, and that may be cancelled while they wait. */
import { EngineError } from "./errors.ts";
import { createLock } from "./models/runtime/lock.ts";

export interface Calls {
  /** @param call its number, for `cancel`. @throws EngineError Cancelled where it was cancelled before its turn came */
  take<T>(call: number | undefined, job: () => Promise<T>): Promise<T>;
  cancel(call: number): void;
}

export function createCalls(): Calls {
  const lock = createLock();
  const waiting = new Set<number>();
  return {
    take: (call, job) => {
      if (call === undefined) return job();
      waiting.add(call);
      return lock(async () => {
        await letMessagesIn();
        if (!waiting.delete(call)) throw new EngineError("Cancelled", "Cancelled.");
        return job();
      });
    },
    cancel: (call) => void waiting.delete(call),
  };
}

/** A network that runs on the CPU keeps the thread to itself: what was sent meanwhile is read first. */
function letMessagesIn(): Promise<void> {
  return new Promise((done) => setTimeout(done));
}
