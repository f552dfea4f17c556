import { formatBytes, formatTimeLeft } from "../ui/format";
import type { Transfer } from "./shelf";

/** Bytes, percent, speed and time left. */
export function TransferLine({ title, transfer }: { title: string; transfer: Transfer }) {
  const { progress, bytesPerSecond } = transfer;
  const { loadedBytes, totalBytes } = progress ?? { loadedBytes: 0, totalBytes: 0 };
  const share = totalBytes > 0 ? loadedBytes / totalBytes : 0;
  const parts = progress
    ? [
        progress.stage === "verify" ? "Checking" : "Fetching",
        `${formatBytes(loadedBytes)} of ${formatBytes(totalBytes)}`,
        `${Math.floor(share * 100)} %`,
        ...(bytesPerSecond && bytesPerSecond > 0
          ? [`${formatBytes(bytesPerSecond)}/s`, formatTimeLeft(((totalBytes - loadedBytes) / bytesPerSecond) * 1000)]
          : []),
      ]
    : ["Looking at what is here"];
  return (
    <div className="models-transfer">
      <div
        className="progress"
        role="progressbar"
        aria-label={`Fetching ${title}`}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(share * 100)}
      >
        <div style={{ transform: `scaleX(${share})` }} />
      </div>
      <span>{parts.join(" · ")}</span>
    </div>
  );
}
