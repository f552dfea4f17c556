/** A value, its changes and who wants to hear of them. Knows no React. */
export interface Store<T extends object> {
  get(): T;
  /** Merges a patch and tells the listeners, with what was before. */
  set(patch: Partial<T> | ((state: T) => Partial<T>)): void;
  subscribe(listener: Listener<T>): () => void;
}

export type Listener<T extends object> = (state: T, previous: T) => void;

/** What a feature shows of its store: its verbs alone change it. */
export type ReadOnlyStore<T extends object> = Pick<Store<T>, "get" | "subscribe">;

export function createStore<T extends object>(initial: T): Store<T> {
  let state = initial;
  const listeners = new Set<Listener<T>>();
  return {
    get: () => state,
    set(patch) {
      const previous = state;
      const changed = { ...state, ...(typeof patch === "function" ? patch(state) : patch) };
      state = changed;
      for (const listener of listeners) listener(changed, previous);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
