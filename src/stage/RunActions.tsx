import { useCommands } from "../actions/commands";
import { CompareButton } from "../compare/CompareButton";
import { SaveButton } from "../export/SaveButton";
import { StartImageButton } from "../image/StartImageButton";
import { CopyLinkButton } from "../metadata/CopyLinkButton";
import { download, fileName } from "../outputs/picture/png";
import { useQueue } from "../runs/context";
import { decodedKey, isOver, type Run } from "../runs/run";
import { useStore } from "../state/useStore";
import { BranchButton } from "../timeline/BranchButton";
import { DownloadIcon } from "../ui/icons";
import { GoOnButton } from "../unfinished/GoOnButton";
import { GridButton } from "../variations/GridButton";
import { MoreButton } from "../variations/MoreButton";

/** What can be done with the run that is looked at, once it is over. */
export function RunActions({ run }: { run: Run }) {
  const queue = useQueue();
  const { reuse } = useCommands();
  const { step, view, decoding } = useStore(queue.store, (state) => state);
  if (!isOver(run)) return null;
  const newest = run.steps.length - 1;
  const index = Math.min(step ?? newest, newest);
  const key = decodedKey(index, view);
  const decoded = run.decoded[key];
  const shown = index === newest && run.png ? run.png : decoded;
  const busy = decoding?.run === run.id && decoding.key === key;
  return (
    <>
      {index >= 0 && !shown && (
        <button type="button" className="button" disabled={decoding !== null} onClick={() => void queue.decode()}>
          {busy ? "Decoding" : "Decode this step"}
        </button>
      )}
      <GoOnButton run={run} />
      <BranchButton />
      <button type="button" className="button" onClick={() => reuse(run)}>
        Use these settings
      </button>
      <GridButton run={run} />
      <MoreButton run={run} />
      <StartImageButton run={run} />
      <CopyLinkButton run={run} />
      <CompareButton run={run} />
      <SaveButton run={run} place={index} />
      {shown && (
        <button
          type="button"
          className="button"
          aria-label="Download PNG"
          onClick={() => download(shown, fileName(run.settings.prompt, run.settings.seed))}
        >
          <DownloadIcon />
          PNG
        </button>
      )}
    </>
  );
}
