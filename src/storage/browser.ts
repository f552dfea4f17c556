/**
 * What the browser keeps for a page. Each of it may be missing (a page over http), refused when it is asked for, or refused only when it is
 * used (blocked site data, a sandboxed frame, a private window): then the page works without it.
 */

/** Short texts that outlast the page. What cannot be kept is kept as long as the page lives. */
export type KeptTexts = Pick<Storage, "getItem" | "setItem">;

/** undefined where the browser has none, or throws when it is asked */
export function orUndefined<T>(get: () => T | null | undefined): T | undefined {
  try {
    return get() ?? undefined;
  } catch {
    return undefined;
  }
}

/** localStorage; null where the browser blocks it. A full one forgets what does not fit. */
export function keptTexts(): KeptTexts | null {
  const storage = orUndefined(() => localStorage);
  if (!storage) return null;
  const probe = "darkroom.probe";
  try {
    storage.setItem(probe, "");
    storage.removeItem(probe);
  } catch (error) {
    if ((error as Error).name !== "QuotaExceededError") return null;
  }
  return {
    getItem: (key) => orUndefined(() => storage.getItem(key)) ?? null,
    setItem: (key, value) => void orUndefined(() => storage.setItem(key, value)),
  };
}

export const webLocks = (): LockManager | undefined => orUndefined(() => navigator.locks);

/** What one tab tells the others; null in a browser without. */
export const channelOf = (name: string): BroadcastChannel | null =>
  orUndefined(() => new BroadcastChannel(name)) ?? null;

/** Does the job while no other tab does one of that name; at once where there are no locks. */
export async function locked<T>(locks: LockManager | undefined, name: string, job: () => Promise<T>): Promise<T> {
  if (!locks) return job();
  let begun = false;
  try {
    return await locks.request(name, () => {
      begun = true;
      return job();
    });
  } catch (error) {
    if (begun) throw error;
    return job(); // the lock was refused
  }
}
