import { useCallback, useEffect, useMemo, useState } from "react";
import { useCommands } from "../actions/commands";
import { OpenedNotice } from "../metadata/OpenedNotice";
import { SettingsForm } from "../panel/SettingsForm";
import { PromptBar } from "../prompt/PromptBar";
import { Announcer } from "../stage/Announcer";
import { Results } from "../stage/Results";
import { Stage } from "../stage/Stage";
import { StatusBar } from "../stage/StatusBar";
import { FirstLook } from "../start/FirstLook";
import { LastPictureActions, LastPictureText } from "../start/LastPictureStatus";
import type { KeptTexts } from "../storage/browser";
import { Timeline } from "../timeline/Timeline";
import { useDialog } from "../ui/DialogHost";
import { Modal } from "../ui/Modal";
import { useDrop } from "../ui/useDrop";
import { useMediaQuery } from "../ui/useMediaQuery";
import { UnfinishedNotice } from "../unfinished/UnfinishedNotice";
import { Foot } from "./Foot";
import { Notices } from "./Notices";
import { useShortcuts } from "./useShortcuts";

/** @param storage what survives a reload; null where the browser blocks it */
export function App({ storage }: { storage: KeptTexts | null }) {
  const commands = useCommands();
  const wide = useMediaQuery("(min-width: 900px) and (min-height: 480px)");
  const [sheet, setSheet] = useState(false);
  const [refused, setRefused] = useState(0);

  const onGenerate = useCallback(() => {
    if (commands.generate()) {
      setSheet(false);
      return;
    }
    setSheet(!wide);
    setRefused((times) => times + 1);
  }, [commands, wide]);
  const show = useDialog();
  const context = useMemo(() => ({ show, generate: onGenerate }), [show, onGenerate]);
  const dropping = useDrop(commands.takeFile);
  useShortcuts(context);

  // A setting is out of range: go to it, wherever the settings are.
  useEffect(() => {
    if (refused > 0) document.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [refused]);

  return (
    <div className="app">
      <a className="button skip-link" href="#prompt">
        Skip to the prompt
      </a>
      <main className="easel">
        <h1 className="visually-hidden">Darkroom</h1>
        <div className="work">
          <Stage empty={<FirstLook />} />
          <Results />
          <div className="toasts">
            <Notices storage={storage} />
            <OpenedNotice />
            <UnfinishedNotice />
          </div>
          <div className="bench">
            <StatusBar emptyText={<LastPictureText />} emptyActions={<LastPictureActions />} />
            <Timeline />
          </div>
        </div>
        <div className="prompt-area">
          <PromptBar context={context} onSettings={wide ? undefined : () => setSheet(true)} />
        </div>
        <Foot context={context} />
      </main>
      {wide && (
        <aside className="panel" aria-label="Settings">
          <SettingsForm />
        </aside>
      )}
      {!wide && sheet && (
        <Modal title="Settings" className="sheet" onClose={() => setSheet(false)}>
          <SettingsForm />
        </Modal>
      )}
      {dropping && (
        <p className="drop-target">Drop a picture to reuse its settings or start from it, or drop a LoRA file</p>
      )}
      <Announcer />
    </div>
  );
}
