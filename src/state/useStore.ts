import { useSyncExternalStore } from "react";
import type { ReadOnlyStore } from "./store";

/** Binds a store to a component. The selector must return the same reference while its part is unchanged. */
export function useStore<T extends object, S>(store: ReadOnlyStore<T>, selector: (state: T) => S): S {
  return useSyncExternalStore(store.subscribe, () => selector(store.get()));
}
