import { type Context, createContext, useContext } from "react";

/** A context for what app/ provides to the components of a feature, and the hook that reads it. */
export function createService<T>(name: string): [Context<T | null>, () => T] {
  const Service = createContext<T | null>(null);
  return [
    Service,
    function useService(): T {
      const value = useContext(Service);
      if (value === null) throw new Error(`${name} is not provided; render inside <Services>.`);
      return value;
    },
  ];
}
