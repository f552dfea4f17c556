/** Which models there are, and what a model's folder says to the page. */
import type { ModelSource } from "../../workers/protocol";

export interface ModelEntry {
  id: string;
  title: string;
}

export function sourceOf(id: string): ModelSource {
  return { id, url: new URL(`models/${id}/`, document.baseURI).href };
}

/** @throws Error with the cause and the remedy */
export async function fetchModelList(): Promise<ModelEntry[]> {
  const remedy = "Check the connection and load the page again.";
  const response = await fetch(new URL("models/index.json", document.baseURI)).catch(() => {
    throw new Error(`The list of models (models/index.json) could not be fetched. ${remedy}`);
  });
  if (!response.ok)
    throw new Error(`The list of models (models/index.json) answers with status ${response.status}. ${remedy}`);
  const list: unknown = await response.json().catch(() => null);
  const entries = Array.isArray(list) ? list.filter(isModelEntry) : [];
  if (entries.length === 0) throw new Error(`The list of models (models/index.json) names no model. ${remedy}`);
  return entries;
}

/** Example prompts from the model's concepts.json; none where the model brings none. */
export async function fetchExamples(id: string): Promise<string[]> {
  try {
    const response = await fetch(`${sourceOf(id).url}concepts.json`);
    if (!response.ok) return [];
    const { examples } = (await response.json()) as { examples?: unknown };
    return Array.isArray(examples) ? examples.filter((one) => typeof one === "string") : [];
  } catch {
    return []; // optional: a model need not say what it was taught
  }
}

function isModelEntry(value: unknown): value is ModelEntry {
  const { id, title } = (value ?? {}) as Partial<ModelEntry>;
  return typeof id === "string" && typeof title === "string";
}
