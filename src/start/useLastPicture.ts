import { useGallery } from "../gallery/context";
import type { PictureRecord } from "../records/picture";
import { useStore } from "../state/useStore";

/** The newest picture of the gallery. */
export function useLastPicture(): PictureRecord | undefined {
  const gallery = useGallery();
  return useStore(gallery.store, ({ records }) => records.at(0));
}
