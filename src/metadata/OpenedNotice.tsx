import { useStartImage } from "../image/context";
import { useStore } from "../state/useStore";
import { CloseIcon } from "../ui/icons";
import { useOpening } from "./context";
import "./opened.css";

/** What came of a file or link that was opened: from where, and what has no counterpart here. */
export function OpenedNotice() {
  const opening = useOpening();
  const startImage = useStartImage();
  const { opened, error, file } = useStore(opening.store, (state) => state);
  return (
    <div className="notices" role="status" aria-label="Opened settings">
      {(opened || error) && (
        <div className="notice opened">
          <div>
            <p>{error ?? `Settings loaded from a picture made with ${opened?.source}.`}</p>
            {opened && opened.unmapped.length > 0 && (
              <>
                <p>Not applied:</p>
                {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long list scrolls, by keys too */}
                <ul aria-label="Not applied" tabIndex={0}>
                  {opened.unmapped.map((one) => (
                    <li key={one}>{one}</li>
                  ))}
                </ul>
              </>
            )}
          </div>
          {file && (
            <button
              type="button"
              className="button"
              onClick={() => {
                opening.dismiss();
                void startImage.take(file, file.name);
              }}
            >
              Start from the picture
            </button>
          )}
          <button type="button" className="icon-button" aria-label="Dismiss" onClick={opening.dismiss}>
            <CloseIcon />
          </button>
        </div>
      )}
    </div>
  );
}
