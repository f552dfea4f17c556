/** The tabs of this page, told apart by Web Locks: a lock is released with its tab, however that ends. */
import { locked } from "./browser";

const TAB = "darkroom.tab.";
const TURN = "darkroom.run";

/** Names this tab, and resolves once its lock is held. Where there are no Web Locks, or they are refused, there is only the name. */
export function nameTab(locks: LockManager | undefined): Promise<string> {
  const name = TAB + Math.random().toString(36).slice(2);
  if (!locks) return Promise.resolve(name);
  return new Promise((resolve) => {
    const held = () => {
      resolve(name);
      return new Promise<void>(() => {}); // held as long as the tab lives
    };
    locked(locks, name, held).catch(() => {});
  });
}

/** The names of the tabs that live. */
export async function liveTabs(locks: LockManager | undefined): Promise<ReadonlySet<string>> {
  const { held = [] } = (await locks?.query().catch(() => undefined)) ?? {};
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
    let begun = false;
    try {
      await locks.request(TURN, { ifAvailable: true }, async (lock) => {
        begun = lock !== null;
        if (lock) await job();
      });
    } catch (error) {
      if (begun) throw error;
      return job(); // the lock was refused: tabs do not wait for each other then
    }
    if (begun) return;
    onWait(true);
    await locked(locks, TURN, async () => {
      onWait(false);
      await job();
    });
  };
}
