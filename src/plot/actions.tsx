import type { PageAction } from "../actions/action";
import { PlotIcon } from "../ui/icons";
import { PlotDialog } from "./PlotDialog";

export const plotAction: PageAction = {
  name: "plot",
  place: "foot",
  label: "X/Y/Z plot",
  icon: PlotIcon,
  opensDialog: true,
  perform: ({ show }) => show((close) => <PlotDialog onClose={close} />),
};
