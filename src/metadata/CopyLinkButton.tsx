import { useState } from "react";
import type { Run } from "../runs/run";
import { CheckIcon, LinkIcon, WarningIcon } from "../ui/icons";
import { copyText } from "./copy-text";
import { settingsLink } from "./link";
import { madeOf } from "./write-settings";

type Copied = "no" | "yes" | "refused";

const LABELS: Record<Copied, string> = { no: "Copy link", yes: "Link copied", refused: "Link not copied" };
const ICONS = { no: LinkIcon, yes: CheckIcon, refused: WarningIcon } as const;

/** A link to this page that carries the run's settings in its fragment. */
export function CopyLinkButton({ run }: { run: Run }) {
  const [copied, setCopied] = useState<Copied>("no");
  const Icon = ICONS[copied];
  const copy = async () => {
    setCopied((await copyText(settingsLink(location.href, madeOf(run)))) ? "yes" : "refused");
  };
  return (
    <button
      type="button"
      className="button"
      title={LABELS[copied]}
      onClick={() => void copy()}
      onBlur={() => setCopied("no")}
    >
      <Icon />
      <span className="visually-hidden" aria-live="polite">
        {LABELS[copied]}
      </span>
    </button>
  );
}
