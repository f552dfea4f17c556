import { useState } from "react";
import type { Run } from "../develop/run";
import { settingsLink } from "./link";
import { madeOf } from "./write-settings";

type Copied = "no" | "yes" | "refused";

const LABELS: Record<Copied, string> = { no: "Copy link", yes: "Link copied", refused: "Link not copied" };

/** A link to this page that carries the run's settings in its fragment. */
export function CopyLinkButton({ run }: { run: Run }) {
  const [copied, setCopied] = useState<Copied>("no");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(settingsLink(location.href, madeOf(run)));
      setCopied("yes");
    } catch {
      setCopied("refused"); // the browser's choice: no permission, or the page has not the focus
    }
  };
  return (
    <button type="button" className="button" onClick={() => void copy()} onBlur={() => setCopied("no")}>
      <span aria-live="polite">{LABELS[copied]}</span>
    </button>
  );
}
