import { useId, useState } from "react";
import { useStore } from "../state/useStore";
import { useShelf } from "./context";

/** A folder on the page's own host, read from there each time it is loaded. */
export function OpenAddress({ onClose }: { onClose: () => void }) {
  const shelf = useShelf();
  const busy = useStore(shelf.store, (state) => state.busy);
  const [typed, setTyped] = useState("");
  const [problem, setProblem] = useState("");
  const id = useId();
  return (
    <section>
      <h3>From this page's host</h3>
      <form
        className="models-add"
        onSubmit={(event) => {
          event.preventDefault();
          try {
            shelf.openAddress(typed);
            onClose();
          } catch (error) {
            setProblem((error as Error).message);
          }
        }}
      >
        <label htmlFor={id}>Address of a model's folder, such as models/mine/</label>
        <div>
          <input id={id} type="text" value={typed} onChange={(event) => setTyped(event.target.value)} />
          <button type="submit" className="button" disabled={typed.trim() === "" || busy !== ""}>
            Open
          </button>
        </div>
      </form>
      {problem && (
        <p className="models-problem" role="alert">
          {problem}
        </p>
      )}
    </section>
  );
}
