import { createContext, useContext } from "react";
import type { Darkroom } from "./darkroom";

export const DarkroomContext = createContext<Darkroom | null>(null);

export function useDarkroom(): Darkroom {
  const darkroom = useContext(DarkroomContext);
  if (!darkroom) throw new Error("useDarkroom outside of DarkroomContext");
  return darkroom;
}
