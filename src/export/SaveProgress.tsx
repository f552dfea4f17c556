import { useStore } from "../state/useStore";
import { DownloadIcon, StopIcon, WarningIcon } from "../ui/icons";
import { useSaving } from "./context";

/** The end of the save dialog: how far it is, what came of it, and the button that starts or cancels it. */
export function SaveProgress({ blocked }: { blocked: boolean }) {
  const saving = useSaving();
  const { job, error, saved } = useStore(saving.store, (state) => state);
  return (
    <>
      {job && job.total > 0 && (
        <div
          className="save-bar"
          role="progressbar"
          aria-label="Saving"
          aria-valuemin={0}
          aria-valuemax={job.total}
          aria-valuenow={job.done}
        >
          <div style={{ transform: `scaleX(${job.done / job.total})` }} />
        </div>
      )}
      <div className="save-end">
        <p className="save-note" role="status">
          {error && (
            <>
              <WarningIcon />
              {error}
            </>
          )}
          {job && job.total > 0 && `Step ${job.done} of ${job.total}`}
          {job && job.total === 0 && "Encoding"}
          {saved && `Saved ${saved}`}
        </p>
        {job ? (
          <button type="button" className="button" onClick={saving.cancel}>
            <StopIcon />
            Cancel saving
          </button>
        ) : (
          <button type="submit" className="button primary" disabled={blocked}>
            <DownloadIcon />
            Save
          </button>
        )}
      </div>
    </>
  );
}
