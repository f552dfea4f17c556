import type { Run } from "../runs/run";
import { useStartImage } from "./context";

/** Takes a finished picture as the next one's start. */
export function StartImageButton({ run: { png, number } }: { run: Run }) {
  const startImage = useStartImage();
  if (!png) return null;
  return (
    <button type="button" className="button" onClick={() => void startImage.take(png, `Picture ${number}`)}>
      Use as start image
    </button>
  );
}
