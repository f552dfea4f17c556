import { ActionButton } from "../actions/ActionButton";
import { actionsAt, type PageContext, useActions } from "../actions/action";
import { BackendText } from "../models/BackendText";
import { OfflineText } from "../offline/OfflineText";
import "../styles/foot.css";

/** Below everything: what computes, and the way to all that has a dialog of its own. */
export function Foot({ context }: { context: PageContext }) {
  return (
    <footer className="foot">
      <div className="foot-left">
        <BackendText />
        <OfflineText />
      </div>
      <div className="foot-right">
        {actionsAt(useActions(), "foot").map((action) => (
          <ActionButton key={action.name} action={action} context={context} className="text-button" />
        ))}
      </div>
    </footer>
  );
}
