/** How much the page keeps in the browser, and whether the browser may throw it away. */
export interface Usage {
  /** bytes: pictures, models and the app itself */
  used: number;
  /** bytes that the browser allows */
  quota: number;
  persisted: boolean;
}

export async function readUsage(): Promise<Usage | null> {
  if (!navigator.storage?.estimate) return null;
  const [{ usage = 0, quota = 0 }, persisted] = await Promise.all([
    navigator.storage.estimate(),
    navigator.storage.persisted(),
  ]);
  return { used: usage, quota, persisted };
}
