import type { PictureRecord } from "../records/picture";
import { useGallery } from "./context";
import { SettingsList } from "./SettingsList";
import { useFileUrl } from "./useFileUrl";

/** Two pictures side by side, and in which settings they differ. */
export function Compare({
  first,
  second,
  onBack,
}: {
  first: PictureRecord;
  second: PictureRecord;
  onBack: () => void;
}) {
  return (
    <>
      <div className="gallery-compare">
        <Side record={first} other={second} />
        <Side record={second} other={first} />
      </div>
      <div className="gallery-actions">
        <button type="button" className="button" onClick={onBack}>
          Back
        </button>
      </div>
    </>
  );
}

function Side({ record, other }: { record: PictureRecord; other: PictureRecord }) {
  const gallery = useGallery();
  const url = useFileUrl(() => gallery.picture(record.id), record.id);
  return (
    <figure>
      <div className="gallery-large">
        {url && <img src={url} alt={record.settings.prompt || "Picture without a prompt"} />}
      </div>
      <figcaption>
        <SettingsList record={record} other={other} />
      </figcaption>
    </figure>
  );
}
