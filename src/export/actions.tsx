import type { RunAction } from "../actions/action";
import { download, fileName } from "../outputs/picture/png";
import { DownloadIcon } from "../ui/icons";
import { SaveDialog } from "./SaveDialog";

/** The save dialog for the step that is looked at; the last one is the picture itself. */
export const saveAction: RunAction = {
  name: "save",
  place: "run",
  label: "Save as",
  opensDialog: true,
  predicate: ({ place }) => place >= 0,
  perform: ({ run, place, show }) => show((close) => <SaveDialog run={run} place={place} onClose={close} />),
};

export const downloadAction: RunAction = {
  name: "download",
  place: "run",
  label: "PNG",
  fullName: "Download PNG",
  icon: DownloadIcon,
  predicate: ({ shown }) => shown !== null,
  perform({ shown, run: { settings } }) {
    if (shown) download(shown, fileName(settings.prompt, settings.seed));
  },
};
