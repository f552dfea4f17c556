import { useDarkroom } from "../app/context";
import type { PictureRecord } from "../gallery/record";
import { useStore } from "../state/useStore";

/** The newest picture of the gallery. */
export function useLastPicture(): PictureRecord | undefined {
  const { gallery } = useDarkroom();
  return useStore(gallery.store, ({ records }) => records.at(0));
}
