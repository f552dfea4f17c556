import { useState } from "react";
import type { OfferedModel } from "../../workers/protocol";
import { useStore } from "../state/useStore";
import { formatBytes } from "../ui/format";
import { useShelf } from "./context";
import { STARTERS } from "./starters";

/** What a repository holds: files, sizes, precision and licence, before anything is downloaded. */
export function Offer({ offer }: { offer: OfferedModel }) {
  const shelf = useShelf();
  const { accepted, usage } = useStore(shelf.store, (state) => state);
  const starter = STARTERS.find(({ repository }) => repository === offer.address.repository);
  const license = starter?.license ?? offer.license ?? "no licence named";
  const key = `${offer.address.repository}: ${license}`;
  const [agreed, setAgreed] = useState(accepted.includes(key));
  const free = usage ? usage.quota - usage.used : Number.POSITIVE_INFINITY;
  const precisions = offer.parts.map(({ part, precision }) => `${part} ${precision}`).join(", ");
  return (
    <section className="models-offer" aria-label={`Files of ${offer.title}`}>
      <h4>{offer.title}</h4>
      <p>
        {`${offer.files.length} files, ${formatBytes(offer.bytes)}; needs about ${formatBytes(offer.bytes * 1.3)} of memory.`}
        {precisions && ` Parts: ${precisions}.`}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long list scrolls, by keys too */}
      {/* biome-ignore lint/a11y/useSemanticElements: no fields are grouped here */}
      <div className="models-files" role="group" aria-label="Files" tabIndex={0}>
        <table>
          <tbody>
            {offer.files.map(({ path, content }) => (
              <tr key={path}>
                <th scope="row">{path}</th>
                <td>{path.slice(path.lastIndexOf(".") + 1)}</td>
                <td>{formatBytes(content.bytes)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p>{`Licence: ${license}. ${starter?.conditions ?? "Its conditions are on the repository's page."}`}</p>
      {offer.gated && (
        <p className="models-problem">
          The hub gives these files only to accounts that accepted its conditions; download the folder there and open it
          from the disk.
        </p>
      )}
      {offer.bytes > free && (
        <p className="models-problem">{`Only ${formatBytes(free)} are free; delete a model first.`}</p>
      )}
      <label className="check">
        <input type="checkbox" checked={agreed} onChange={(event) => setAgreed(event.target.checked)} />
        <span>I accept the licence's conditions</span>
      </label>
      <div className="models-actions">
        <button
          type="button"
          className="button primary"
          disabled={!agreed || offer.gated}
          onClick={() => {
            shelf.accept(key);
            void shelf.download(offer);
          }}
        >
          Download
        </button>
        <button type="button" className="button" onClick={shelf.dismiss}>
          Not now
        </button>
      </div>
    </section>
  );
}
