import { useRef } from "react";
import { OpenIcon } from "../ui/icons";
import { useOpening } from "./context";

/** Opens a picture for its settings; dropping or pasting it anywhere does the same. */
export function OpenButton() {
  const opening = useOpening();
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        accept="image/png,image/jpeg,image/webp,image/avif"
        hidden
        aria-label="Picture with settings"
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = ""; // the same file again is a change, too
          if (file) void opening.open(file);
        }}
      />
      <button
        type="button"
        className="text-button"
        title="Loads the settings that a picture holds (PNG, JPEG, WebP or AVIF). Dropping or pasting it on the page does the same."
        onClick={() => input.current?.click()}
      >
        <OpenIcon />
        Open picture
      </button>
    </>
  );
}
