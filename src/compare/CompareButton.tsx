import { useId, useState } from "react";
import { createPortal } from "react-dom";
import { useQueue } from "../runs/context";
import type { Run } from "../runs/run";
import { useStore } from "../state/useStore";
import { ChevronIcon } from "../ui/icons";
import { Modal } from "../ui/Modal";
import { type Compared, ComparePictures } from "./ComparePictures";

/** Opens the comparison of a finished picture with another one of this visit; nothing while there is none. */
export function CompareButton({ run }: { run: Run }) {
  const queue = useQueue();
  const runs = useStore(queue.store, (state) => state.runs);
  const [open, setOpen] = useState(false);
  const others = runs.filter(({ id, png }) => png !== null && id !== run.id);
  if (!run.png || others.length === 0) return null;
  return (
    <>
      <button type="button" className="button" aria-haspopup="dialog" onClick={() => setOpen(true)}>
        Compare
      </button>
      {open && createPortal(<CompareDialog run={run} others={others} onClose={() => setOpen(false)} />, document.body)}
    </>
  );
}

function CompareDialog({ run, others, onClose }: { run: Run; others: Run[]; onClose: () => void }) {
  const parent = others.find(({ id }) => id === run.parent?.id);
  const [chosen, setChosen] = useState((parent ?? others[others.length - 1]).id);
  const id = useId();
  const first = comparedOf(others.find((one) => one.id === chosen) ?? others[0]);
  const second = comparedOf(run);
  return (
    <Modal title="Compare" className="compare" onClose={onClose}>
      <div className="field compare-choice">
        <label htmlFor={id}>{`${nameOf(run)} with`}</label>
        <div className="select">
          <select id={id} value={chosen} onChange={(event) => setChosen(event.target.value)}>
            {others.map((one) => (
              <option key={one.id} value={one.id}>
                {`${nameOf(one)}: ${one.settings.prompt || "without a prompt"}, seed ${one.settings.seed}`}
              </option>
            ))}
          </select>
          <ChevronIcon />
        </div>
      </div>
      {first && second && <ComparePictures a={first} b={second} />}
    </Modal>
  );
}

const nameOf = ({ number }: Run): string => `Picture ${number}`;

function comparedOf(run: Run): Compared | null {
  return run.png && { name: nameOf(run), png: run.png, settings: run.settings, samplers: run.model.samplers };
}
