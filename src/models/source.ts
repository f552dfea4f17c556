/** Which models there are, and what a model's folder says to the page. */
import type { ModelSource } from "../../workers/protocol";
import { EngineError } from "../engine/client";
import { type Concepts, readConcepts } from "./concepts";

export interface ModelEntry {
  id: string;
  title: string;
  /** absent for a built-in one */
  source?: ModelSource;
}

export function sourceOf(id: string, title?: string) {
  return { id, url: new URL(`models/${id}/`, document.baseURI).href, ...(title !== undefined && { title }) };
}

/** @throws EngineError NetworkFailed, ModelFileCorrupt */
export async function fetchModelList(): Promise<ModelEntry[]> {
  const failed = (problem: string) =>
    new EngineError(
      "NetworkFailed",
      `The list of models (models/index.json) ${problem}; check the connection and load the page again.`,
    );
  const response = await fetch(new URL("models/index.json", document.baseURI)).catch(() => {
    throw failed("cannot be fetched");
  });
  if (!response.ok) throw failed(`answers with status ${response.status}`);
  const list: unknown = await response.json().catch(() => null);
  const entries = Array.isArray(list) ? list.filter(isModelEntry) : [];
  if (entries.length === 0)
    throw new EngineError("ModelFileCorrupt", "The list of models (models/index.json) names no model; put one there.");
  return entries;
}

/** What the model was taught, from its concepts.json; null where the model brings none. */
export async function fetchConcepts(id: string): Promise<Concepts | null> {
  try {
    const response = await fetch(`${sourceOf(id).url}concepts.json`);
    return response.ok ? readConcepts(await response.json()) : null;
  } catch {
    return null; // optional: a model need not say what it was taught
  }
}

function isModelEntry(value: unknown): value is ModelEntry {
  const { id, title } = (value ?? {}) as Partial<ModelEntry>;
  return typeof id === "string" && typeof title === "string";
}
