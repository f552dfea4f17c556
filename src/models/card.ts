/** The model card in a model's folder (README.md) and its grades (report.json), both optional. */
import { sourceOf } from "./source";

export interface Card {
  /** Markdown; empty where there is none */
  text: string;
  kinds: Grade[];
}

export interface Grade {
  name: string;
  /** of 1 */
  share: number;
}

const NAMES: Record<string, string> = {
  one_object: "One object",
  two_objects: "Two objects",
  counting: "Counting from one to six",
  color: "Colour of one object",
  position: "Position of two objects",
  color_binding: "Two objects, each its colour",
  words: "Words",
  scene_style: "Scene, background, style",
};

export async function fetchCard(id: string): Promise<Card> {
  const get = (name: string) => fetch(`${sourceOf(id).url}${name}`).then((response) => (response.ok ? response : null));
  const [text, report] = await Promise.all([
    get("README.md").then(
      (response) => response?.text(),
      () => undefined,
    ),
    get("report.json").then(
      (response) => response?.json(),
      () => undefined,
    ),
  ]);
  return { text: withoutFrontMatter(text ?? ""), kinds: gradesOf(report) };
}

/** The shares of report.json's kinds, in its order. */
export function gradesOf(report: unknown): Grade[] {
  const { kinds } = (report ?? {}) as { kinds?: unknown };
  if (typeof kinds !== "object" || kinds === null) return [];
  return Object.entries(kinds).flatMap(([kind, share]) =>
    typeof share === "number" && share >= 0 && share <= 1 ? [{ name: NAMES[kind] ?? kind, share }] : [],
  );
}

/** Hubs put YAML before the text. @param text with the line endings of any system */
export function withoutFrontMatter(text: string): string {
  return text.replace(/\r\n?/g, "\n").replace(/^---\n[\s\S]*?\n---\n/, "");
}
