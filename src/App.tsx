import { useCallback, useEffect, useState } from "react";
import { Announcer } from "./develop/Announcer";
import { Results } from "./develop/Results";
import { SettingsForm } from "./develop/SettingsForm";
import { Stage } from "./develop/Stage";
import { StatusBar } from "./develop/StatusBar";
import { GalleryButton } from "./gallery/GalleryButton";
import { HelpDialog } from "./help/HelpDialog";
import { OpenButton } from "./metadata/OpenButton";
import { OpenedNotice } from "./metadata/OpenedNotice";
import { BackendText } from "./models/BackendText";
import { ModelsButton } from "./models/ModelsButton";
import { PlotButton } from "./plot/PlotButton";
import { PromptBar } from "./prompt/PromptBar";
import { QueueButton } from "./queue/QueueButton";
import { Timeline } from "./timeline/Timeline";
import { useDarkroom } from "./ui/context";
import { HelpIcon } from "./ui/icons";
import { Modal } from "./ui/Modal";
import { Notices } from "./ui/Notices";
import { OfflineText } from "./ui/OfflineText";
import { useDrop } from "./ui/useDrop";
import { useMediaQuery } from "./ui/useMediaQuery";
import { UnfinishedNotice } from "./unfinished/UnfinishedNotice";
import { useShortcuts } from "./useShortcuts";

export function App() {
  const { generate, queue, takeFile } = useDarkroom();
  const wide = useMediaQuery("(min-width: 900px)");
  const [sheet, setSheet] = useState(false);
  const [help, setHelp] = useState(false);
  const [refused, setRefused] = useState(0);

  const onGenerate = useCallback(() => {
    if (generate()) {
      setSheet(false);
      return;
    }
    setSheet(!wide);
    setRefused((times) => times + 1);
  }, [generate, wide]);
  const onHelp = useCallback(() => setHelp(true), []);
  const dropping = useDrop(takeFile);
  useShortcuts({ onGenerate, onCancel: queue.cancel, onHelp });

  // A setting is out of range: go to it, wherever the settings are.
  useEffect(() => {
    if (refused > 0) document.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [refused]);

  return (
    <div className="app">
      <main className="easel">
        <h1 className="visually-hidden">Darkroom</h1>
        <Stage />
        <StatusBar />
        <Timeline />
        <Results />
        <Notices />
        <OpenedNotice />
        <UnfinishedNotice />
        <PromptBar onGenerate={onGenerate} onSettings={wide ? undefined : () => setSheet(true)} />
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
            <button type="button" className="text-button" onClick={onHelp}>
              <HelpIcon />
              Help
            </button>
          </div>
        </footer>
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
      {help && <HelpDialog onClose={() => setHelp(false)} />}
      {dropping && (
        <p className="drop-target">Drop a picture to take over its settings or to start from it, or a LoRA</p>
      )}
      <Announcer />
    </div>
  );
}
