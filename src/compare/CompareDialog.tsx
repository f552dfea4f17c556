import { useId, useState } from "react";
import { useQueue } from "../runs/context";
import type { Run } from "../runs/run";
import { useStore } from "../state/useStore";
import { ChevronIcon } from "../ui/icons";
import { Modal } from "../ui/Modal";
import { type Compared, ComparePictures } from "./ComparePictures";

/** The other pictures of this visit. */
export function othersOf(run: Run, runs: readonly Run[]): Run[] {
  return runs.filter(({ id, png }) => png !== null && id !== run.id);
}

/** A finished picture beside another one of this visit. */
export function CompareDialog({ run, onClose }: { run: Run; onClose: () => void }) {
  const others = othersOf(
    run,
    useStore(useQueue().store, ({ runs }) => runs),
  );
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
