/** Everything that can be done, in the order in which buttons and the help show it. */
import { type AnyAction, isDialogOpen, type PageAction, type RunAction } from "../actions/action";
import type { Commands } from "../actions/commands";
import { compareAction } from "../compare/actions";
import { downloadAction, saveAction } from "../export/actions";
import { galleryAction, galleryKeys } from "../gallery/actions";
import { HelpDialog } from "../help/HelpDialog";
import { startImageAction } from "../image/actions";
import { copyLinkAction, openAction } from "../metadata/actions";
import { modelsAction } from "../models/actions";
import { plotAction } from "../plot/actions";
import { cancelActions, generateAction, suggestionKeys } from "../prompt/actions";
import { queueAction, queueKeys } from "../queue/actions";
import { branchAction, decodeAction, stripActions } from "../timeline/actions";
import { HelpIcon } from "../ui/icons";
import { resumeAction } from "../unfinished/actions";
import { batchAction, varyAction } from "../variations/actions";
import type { Darkroom } from "./darkroom";

export function createActions(darkroom: Darkroom): readonly AnyAction[] {
  const { queue, session, branching, playback, startImage, gallery, commands } = darkroom;
  const actions: AnyAction[] = [
    generateAction,
    ...cancelActions(queue),
    suggestionKeys,
    ...stripActions(queue, playback, branching),
    galleryKeys,
    queueKeys,
    decodeAction(queue),
    resumeAction(queue),
    branchAction(branching),
    reuseAction(commands),
    batchAction,
    varyAction,
    startImageAction(startImage),
    copyLinkAction,
    compareAction,
    saveAction,
    downloadAction,
    queueAction(queue, session),
    openAction,
    modelsAction,
    galleryAction(gallery),
    plotAction,
    helpAction(() => actions),
  ];
  return actions;
}

function reuseAction({ reuse }: Commands): RunAction {
  return { name: "reuse", place: "run", label: "Use these settings", perform: ({ run }) => reuse(run) };
}

function helpAction(actions: () => readonly AnyAction[]): PageAction {
  return {
    name: "help",
    place: "foot",
    label: "Help",
    title: () => "Help",
    icon: HelpIcon,
    keyTest: ({ key, target }) => key === "?" && !isDialogOpen() && !isTyping(target),
    help: { keys: ["?"], text: "This page" },
    perform({ show }) {
      const keys = actions().flatMap(({ help }) => help ?? []);
      show((close) => <HelpDialog keys={keys} onClose={close} />);
    },
  };
}

function isTyping(target: EventTarget | null): boolean {
  const typing = "input:not([type=checkbox], [type=radio], [type=range]), textarea, select";
  return target instanceof HTMLElement && target.matches(typing);
}
