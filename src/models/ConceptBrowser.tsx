import { type Concepts, exampleOf, KINDS, type Kind } from "./concepts";

const TITLES: Record<Kind, string> = {
  objects: "Objects",
  colours: "Colours",
  counts: "Counts",
  sizes: "Sizes",
  positions: "Positions",
  scenes: "Scenes",
  backgrounds: "Backgrounds",
  styles: "Styles",
};

/** Everything that the model was taught; a press draws it. */
export function ConceptBrowser({ concepts, onDraw }: { concepts: Concepts; onDraw: (prompt: string) => void }) {
  return (
    <div className="concepts">
      <p>Press anything and it is drawn.</p>
      <section aria-label="Examples">
        <h3>Examples</h3>
        <ul>
          {concepts.examples.map((example) => (
            <li key={example}>
              <button type="button" className="concept" onClick={() => onDraw(example)}>
                {example}
              </button>
            </li>
          ))}
        </ul>
      </section>
      {KINDS.map((kind) => {
        const own = concepts.concepts.filter((concept) => concept.kind === kind);
        if (own.length === 0) return null;
        return (
          <details key={kind} className="section" open={kind !== "objects"}>
            <summary>
              {TITLES[kind]} <span>{own.length}</span>
            </summary>
            <ul>
              {own.map((concept) => {
                const example = exampleOf(concepts, concept);
                return (
                  <li key={concept.name}>
                    <button type="button" className="concept" title={example} onClick={() => onDraw(example)}>
                      {concept.name}
                    </button>
                  </li>
                );
              })}
            </ul>
          </details>
        );
      })}
    </div>
  );
}
