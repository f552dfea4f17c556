import { createRoot } from "react-dom/client";
import type { DevicePreference } from "../workers/protocol";
import { App } from "./app/App";
import { createDarkroom } from "./app/darkroom";
import { startOffline } from "./offline/offline";
import { keptTexts } from "./storage/browser";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/controls.css";
import "./styles/layout.css";
import "./styles/notices.css";
import "./styles/forced-colors.css";
import { createActions } from "./app/actions";
import { Services } from "./app/Services";
import { DialogHost } from "./ui/DialogHost";
import { followVisualViewport } from "./ui/window-height";

const parameters = new URLSearchParams(location.search);

/** `?device=webgpu` or `?device=cpu` forces the backend. */
function devicePreference(): DevicePreference {
  const device = parameters.get("device");
  return device === "webgpu" || device === "cpu" ? device : "auto";
}

const darkroom = createDarkroom({ device: devicePreference(), storage: keptTexts() });
// A link with settings: once they are taken over, a reload must not take them over again.
function openLink(): void {
  if (darkroom.opening.openLink(location.hash)) history.replaceState(null, "", location.pathname + location.search);
}
openLink();
addEventListener("hashchange", openLink);
void startOffline().then(() => darkroom.models.open(darkroom.form.get().model));

// For the journeys that end the worker in the middle of a run or ask the engine itself, and for the benchmark.
if (parameters.has("test")) {
  const lastTimings = () => darkroom.queue.store.get().runs.findLast(({ result }) => result)?.result?.timings;
  Object.assign(window, { darkroom: { engine: darkroom.engine, killWorker: darkroom.engine.killWorker, lastTimings } });
}

followVisualViewport();
const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
createRoot(root).render(
  <Services darkroom={darkroom} actions={createActions(darkroom)}>
    <DialogHost>
      <App storage={darkroom.storage} />
    </DialogHost>
  </Services>,
);
