import { ImageIcon } from "../ui/icons";
import { useStartImage } from "./context";

const ID = "start-image-file";

/** Opens the file dialog for the start image. */
export function chooseStartImage(): void {
  document.getElementById(ID)?.click();
}

/** The button by the prompt that chooses a start image, and the page's one file field for it. */
export function StartImagePicker() {
  const startImage = useStartImage();
  return (
    <>
      <input
        id={ID}
        type="file"
        accept="image/*"
        hidden
        aria-label="Start image file"
        onChange={({ target }) => {
          const [file] = target.files ?? [];
          if (file) void startImage.take(file, file.name);
          target.value = "";
        }}
      />
      <button
        type="button"
        className="icon-button start-image-picker"
        aria-label="Choose a start image"
        title="Start from a picture"
        onClick={chooseStartImage}
      >
        <ImageIcon />
      </button>
    </>
  );
}
