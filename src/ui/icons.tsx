/** The few icons, drawn on a 20 by 20 grid with one stroke. Decorative: the button around them carries the name. */
import type { ReactNode } from "react";

function Icon({ children }: { children: ReactNode }) {
  return (
    <svg
      className="icon"
      viewBox="0 0 20 20"
      width="20"
      height="20"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {children}
    </svg>
  );
}

export const DiceIcon = () => (
  <Icon>
    <rect x="3" y="3" width="14" height="14" rx="3" />
    <path d="M7 7h.01M13 7h.01M10 10h.01M7 13h.01M13 13h.01" strokeWidth="2.2" />
  </Icon>
);

export const SlidersIcon = () => (
  <Icon>
    <path d="M3 6h7M14 6h3M3 14h3M10 14h7" />
    <circle cx="12" cy="6" r="2" />
    <circle cx="8" cy="14" r="2" />
  </Icon>
);

export const CloseIcon = () => (
  <Icon>
    <path d="M5 5l10 10M15 5L5 15" />
  </Icon>
);

export const DownloadIcon = () => (
  <Icon>
    <path d="M10 3v9M6 9l4 4 4-4M4 16.5h12" />
  </Icon>
);

export const HelpIcon = () => (
  <Icon>
    <circle cx="10" cy="10" r="7.25" />
    <path d="M7.9 8a2.15 2.15 0 1 1 3.1 2c-.7.35-1 .8-1 1.5M10 14h.01" />
  </Icon>
);

export const WarningIcon = () => (
  <Icon>
    <path d="M10 3.2l7.3 12.9H2.7zM10 8v3.6M10 13.8h.01" />
  </Icon>
);

export const StopIcon = () => (
  <Icon>
    <rect x="5.5" y="5.5" width="9" height="9" rx="1.5" />
  </Icon>
);

export const PlayIcon = () => (
  <Icon>
    <path d="M6.5 4.5v11l9-5.5z" />
  </Icon>
);

export const BranchIcon = () => (
  <Icon>
    <path d="M6 7v6M6 10c5 0 8-.5 8-4" />
    <circle cx="6" cy="5" r="2" />
    <circle cx="6" cy="15" r="2" />
    <circle cx="14" cy="5" r="2" />
  </Icon>
);

export const PauseIcon = () => (
  <Icon>
    <path d="M7 4.5v11M13 4.5v11" strokeWidth="2.2" />
  </Icon>
);

export const ChevronIcon = () => (
  <Icon>
    <path d="M6 8l4 4 4-4" />
  </Icon>
);

export const ModelIcon = () => (
  <Icon>
    <path d="M10 2.5l6.5 3.75v7.5L10 17.5l-6.5-3.75v-7.5zM3.5 6.25L10 10l6.5-3.75M10 10v7.5" />
  </Icon>
);

export const LinkIcon = () => (
  <Icon>
    <path d="M8.5 11.5a3 3 0 0 0 4.2 0l3-3a3 3 0 0 0-4.2-4.2l-1 1M11.5 8.5a3 3 0 0 0-4.2 0l-3 3a3 3 0 0 0 4.2 4.2l1-1" />
  </Icon>
);

export const CheckIcon = () => (
  <Icon>
    <path d="M4 10.5l4 4 8-9" />
  </Icon>
);

export const QueueIcon = () => (
  <Icon>
    <path d="M4 5.5h12M4 10h12M4 14.5h7" />
  </Icon>
);

export const OpenIcon = () => (
  <Icon>
    <path d="M11.5 2.5H5v15h10V6zM11.5 2.5V6H15M10 14.5V9M7.8 11.2L10 9l2.2 2.2" />
  </Icon>
);

export const PlotIcon = () => (
  <Icon>
    <path d="M3.5 3v13.5H17M7.5 13v-2M11 13V7M14.5 13V5" />
  </Icon>
);

export const GalleryIcon = () => (
  <Icon>
    <rect x="3" y="3" width="6" height="6" rx="1" />
    <rect x="11" y="3" width="6" height="6" rx="1" />
    <rect x="3" y="11" width="6" height="6" rx="1" />
    <rect x="11" y="11" width="6" height="6" rx="1" />
  </Icon>
);

export const ImageIcon = () => (
  <Icon>
    <rect x="3" y="3.5" width="14" height="13" rx="2" />
    <circle cx="7.2" cy="7.8" r="1.3" />
    <path d="M3.5 14.5l4-3.5 2.5 2 3-3.5 3.8 4" />
  </Icon>
);

export const SkipIcon = () => (
  <Icon>
    <path d="M5 4.5v11l8-5.5zM15 4.5v11" />
  </Icon>
);
