import { useRef, useState } from "react";
import { download } from "../outputs/picture/png";
import { useStore } from "../state/useStore";
import { formatBytes } from "../ui/format";
import { unzipGallery, zipGallery } from "./archive";
import { useGallery } from "./context";

/** Below the grid: all pictures out and in as one file, and the room that they take. */
export function GalleryFoot() {
  const gallery = useGallery();
  const { records, usage, status } = useStore(gallery.store, (state) => state);
  const [word, setWord] = useState("");
  const [busy, setBusy] = useState(false);
  const picker = useRef<HTMLInputElement>(null);

  const guarded = async (job: () => Promise<string>) => {
    setBusy(true);
    try {
      setWord(await job());
    } catch (error) {
      setWord((error as Error).message);
    } finally {
      setBusy(false);
    }
  };
  const exportAll = () =>
    guarded(async () => {
      const count = records.length;
      const stream = zipGallery(records, gallery.picture, (done) => setWord(`Packing ${done} of ${count}.`));
      const zip = await new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).blob();
      download(zip, `darkroom-gallery-${new Date().toISOString().slice(0, 10)}.zip`);
      return count === 1 ? "1 picture exported." : `${count} pictures exported.`;
    });
  const importFrom = (file: File) =>
    guarded(async () => {
      const counts = { added: 0, known: 0 };
      const missing = await unzipGallery(file, async (record, png) => {
        counts[(await gallery.add(record, png)) ? "added" : "known"]++;
        setWord(`${counts.added + counts.known} pictures read.`);
      });
      const { added, known } = counts;
      const others = [
        known > 0 && `, ${known} were here already`,
        missing > 0 && `, ${missing} listed in the zip are missing from it`,
      ];
      return `${added === 1 ? "1 picture" : `${added} pictures`} added${others.filter(Boolean).join("")}.`;
    });

  if (status !== "ready") return null;
  return (
    <div className="gallery-foot">
      <div className="gallery-actions">
        <button type="button" className="button" disabled={busy || records.length === 0} onClick={exportAll}>
          Export all
        </button>
        <button type="button" className="button" disabled={busy} onClick={() => picker.current?.click()}>
          Import
        </button>
        <input
          ref={picker}
          type="file"
          accept=".zip,application/zip"
          hidden
          aria-label="Import a gallery"
          onChange={(event) => {
            const file = event.target.files?.[0];
            event.target.value = "";
            if (file) void importFrom(file);
          }}
        />
        <span role="status">{word}</span>
      </div>
      {usage && (
        <p>
          {`${formatBytes(usage.used)} of ${formatBytes(usage.quota)} in use. `}
          {usage.persisted ? (
            "The browser keeps it until you clear it."
          ) : (
            <>
              When the disk is nearly full the browser may clear it.{" "}
              <button type="button" className="text-button gallery-persist" onClick={() => void gallery.persist()}>
                Ask it to keep everything
              </button>
            </>
          )}
        </p>
      )}
    </div>
  );
}
