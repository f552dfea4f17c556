/** How much the page keeps in the browser, and whether the browser may throw it away. */
export interface Usage {
  /** bytes: pictures, models and the app itself */
  used: number;
  /** bytes that the browser allows */
  quota: number;
  persisted: boolean;
}

/** null where the browser does not say */
export async function readUsage(): Promise<Usage | null> {
  if (!navigator.storage?.estimate) return null;
  try {
    const [{ usage = 0, quota = 0 }, persisted] = await Promise.all([
      navigator.storage.estimate(),
      navigator.storage.persisted(),
    ]);
    return { used: usage, quota, persisted };
  } catch {
    return null; // a sandboxed frame, for one
  }
}

/** Asks the browser not to clear the page's data when the disk is nearly full; whether it agreed. */
export async function persist(): Promise<boolean> {
  return (await navigator.storage?.persist?.().catch(() => false)) ?? false;
}
