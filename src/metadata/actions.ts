import type { PageAction, RunAction } from "../actions/action";
import { CopyLinkButton } from "./CopyLinkButton";
import { OpenButton } from "./OpenButton";

export const copyLinkAction: RunAction = {
  name: "copy link",
  place: "run",
  label: "Copy link",
  Button: CopyLinkButton,
};

export const openAction: PageAction = { name: "open", place: "foot", label: "Open picture", Button: OpenButton };
