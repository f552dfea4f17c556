/** The tabs of this page, told apart by Web Locks: a lock is released with its tab, however that ends. */

const TAB = "darkroom.tab.";
const TURN = "darkroom.run";

/** Names this tab, and resolves once its lock is held. Without Web Locks (no secure context) there is only the name. */
export function nameTab(locks: LockManager | undefined): Promise<string> {
  const name = TAB + Math.random().toString(36).slice(2);
  if (!locks) return Promise.resolve(name);
  return new Promise((resolve) => {
    void locks.request(name, () => {
      resolve(name);
      return new Promise(() => {}); // held as long as the tab lives
    });
  });
}

/** The names of the tabs that live. */
export async function liveTabs(locks: LockManager | undefined): Promise<ReadonlySet<string>> {
  const { held = [] } = locks ? await locks.query() : {};
  return new Set(held.flatMap(({ name }) => (name?.startsWith(TAB) ? [name] : [])));
}

/** Resolves when that tab is gone, however it ended. */
export async function tabGone(locks: LockManager | undefined, name: string): Promise<void> {
  await locks?.request(name, () => {});
}

/** Does the job when no other tab does one; tabs take turns. `onWait` hears whether another tab is being waited for. */
export function takeTurn(locks: LockManager | undefined, onWait: (waiting: boolean) => void) {
  return async (job: () => Promise<void>): Promise<void> => {
    if (!locks) return job();
    const free = await locks.request(TURN, { ifAvailable: true }, async (lock) => {
      if (lock) await job();
      return lock !== null;
    });
    if (free) return;
    onWait(true);
    await locks.request(TURN, async () => {
      onWait(false);
      await job();
    });
  };
}
