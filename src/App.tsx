import { useCallback, useEffect, useState } from "react";
import { Announcer } from "./develop/Announcer";
import { PromptBar } from "./develop/PromptBar";
import { Results } from "./develop/Results";
import { SettingsForm } from "./develop/SettingsForm";
import { Stage } from "./develop/Stage";
import { StatusBar } from "./develop/StatusBar";
import { StepStrip } from "./develop/StepStrip";
import { HelpDialog } from "./help/HelpDialog";
import { BackendText } from "./models/BackendText";
import { useDarkroom } from "./ui/context";
import { HelpIcon } from "./ui/icons";
import { Modal } from "./ui/Modal";
import { Notices } from "./ui/Notices";
import { OfflineText } from "./ui/OfflineText";
import { useMediaQuery } from "./ui/useMediaQuery";
import { useShortcuts } from "./useShortcuts";

export function App() {
  const { generate, queue } = useDarkroom();
  const wide = useMediaQuery("(min-width: 900px)");
  const [sheet, setSheet] = useState(false);
  const [help, setHelp] = useState(false);
  const [refused, setRefused] = useState(0);

  const onGenerate = useCallback(() => {
    if (generate()) {
      setSheet(false);
      return;
    }
    setSheet(true);
    setRefused((times) => times + 1);
  }, [generate]);
  const onHelp = useCallback(() => setHelp(true), []);
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
        <StepStrip />
        <Results />
        <Notices />
        <PromptBar onGenerate={onGenerate} onSettings={wide ? undefined : () => setSheet(true)} />
        <footer className="foot">
          <BackendText />
          <div className="foot-right">
            <OfflineText />
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
      <Announcer />
    </div>
  );
}
