import { GalleryButton } from "../gallery/GalleryButton";
import { OpenButton } from "../metadata/OpenButton";
import { BackendText } from "../models/BackendText";
import { ModelsButton } from "../models/ModelsButton";
import { PlotButton } from "../plot/PlotButton";
import { QueueButton } from "../queue/QueueButton";
import "../styles/foot.css";
import { OfflineText } from "../offline/OfflineText";
import { HelpIcon } from "../ui/icons";

/** Below everything: what computes, and the way to all that has a dialog of its own. */
export function Foot({ onHelp }: { onHelp: () => void }) {
  return (
    <footer className="foot">
      <div className="foot-left">
        <BackendText />
        <OfflineText />
      </div>
      <div className="foot-right">
        <QueueButton />
        <OpenButton />
        <ModelsButton />
        <GalleryButton />
        <PlotButton />
        <button type="button" className="text-button" title="Help" onClick={onHelp}>
          <HelpIcon />
          Help
        </button>
      </div>
    </footer>
  );
}
