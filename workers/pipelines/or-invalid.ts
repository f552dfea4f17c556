import { EngineError } from "../errors.ts";

/** What the mathematics refuses is a setting that does not fit. @throws EngineError InvalidSetting */
export function orInvalid<T>(compute: () => T): T {
  try {
    return compute();
  } catch (error) {
    if (error instanceof EngineError) throw error;
    throw new EngineError("InvalidSetting", (error as Error).message);
  }
}
