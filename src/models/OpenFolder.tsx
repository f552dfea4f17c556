import { useRef, useState } from "react";
import { useShelf } from "./context";
import { fromDrop, fromInput, type PickedFolder, pickDirectory } from "./folder-picker";

/** A folder from the disk, used in place or copied into the browser. */
export function OpenFolder({ onClose }: { onClose: () => void }) {
  const shelf = useShelf();
  const [copy, setCopy] = useState(false);
  const [problem, setProblem] = useState("");
  const input = useRef<HTMLInputElement>(null);

  const take = async (picking: Promise<PickedFolder | null | undefined>) => {
    setProblem("");
    try {
      const picked = await picking;
      if (picked === undefined) return input.current?.click();
      if (!picked) return;
      if (!copy) onClose();
      await shelf.open(picked.title, picked.folder, copy);
    } catch (error) {
      setProblem(`The folder cannot be read (${(error as Error).message}); choose it again.`);
    }
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the button does the same with the keyboard
    <div
      className="models-folder"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        event.stopPropagation();
        event.nativeEvent.stopImmediatePropagation();
        void take(
          fromDrop(event.dataTransfer.items).then((folder) => {
            if (!folder) throw new Error("what was dropped is no folder");
            return folder;
          }),
        );
      }}
    >
      <h3>From your disk</h3>
      <div className="models-actions">
        <button type="button" className="button" onClick={() => void take(pickDirectory())}>
          Open a folder
        </button>
        <label className="check">
          <input type="checkbox" checked={copy} onChange={(event) => setCopy(event.target.checked)} />
          <span>Copy it into the browser</span>
        </label>
        <input
          ref={input}
          type="file"
          hidden
          multiple
          aria-label="Model folder"
          {...{ webkitdirectory: "" }}
          onChange={(event) => {
            const picked = fromInput(event.target.files ?? []);
            event.target.value = "";
            if (picked) void take(Promise.resolve(picked));
            else setProblem("The folder shows the browser no files (links are hidden from it); choose a copy of it.");
          }}
        />
      </div>
      <p>Or drop it here. A folder that is used in place has to be opened again after a reload.</p>
      {problem && <p className="models-problem">{problem}</p>}
    </div>
  );
}
