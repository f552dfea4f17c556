import { type CSSProperties, useEffect, useState } from "react";
import { useGallery } from "../gallery/context";
import { useFileUrl } from "../gallery/useFileUrl";
import type { PictureRecord } from "../records/picture";
import { Welcome } from "../stage/Welcome";
import { useStore } from "../state/useStore";
import { useLastPicture } from "./useLastPicture";

/** A gallery that opens sooner shows its picture at once, without the welcome before it. */
const PATIENCE_MS = 1000;

/** The stage before the first run of a visit: the picture that was made last, or the welcome. */
export function FirstLook() {
  const gallery = useGallery();
  const opening = useStore(gallery.store, ({ status }) => status === "opening");
  const record = useLastPicture();
  const [patient, setPatient] = useState(true);
  useEffect(() => {
    const timer = setTimeout(() => setPatient(false), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  if (record) return <LastPicture record={record} />;
  return <div className="frame">{!(opening && patient) && <Welcome />}</div>;
}

function LastPicture({ record: { id, settings, width, height } }: { record: PictureRecord }) {
  const gallery = useGallery();
  const url = useFileUrl(() => gallery.picture(id), id);
  return (
    <div className="frame" style={{ "--ratio": width / height } as CSSProperties}>
      {url && <img src={url} alt={`Last picture: ${settings.prompt || "without a prompt"}`} />}
    </div>
  );
}
