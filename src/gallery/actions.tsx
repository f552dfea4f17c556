import type { ControlKeys, PageAction } from "../actions/action";
import { GalleryIcon } from "../ui/icons";
import { GalleryDialog } from "./GalleryDialog";
import type { Gallery } from "./gallery";

export function galleryAction({ store }: Gallery): PageAction {
  return {
    name: "gallery",
    place: "foot",
    label() {
      const count = store.get().records.length;
      return count > 0 ? `Gallery (${count})` : "Gallery";
    },
    reads: [store],
    icon: GalleryIcon,
    opensDialog: true,
    perform: ({ show }) => show((close) => <GalleryDialog onClose={close} />),
  };
}

export const galleryKeys: ControlKeys = {
  name: "gallery keys",
  place: "control",
  help: { keys: ["Left", "Right"], text: "The newer and the older picture, in the gallery" },
};
