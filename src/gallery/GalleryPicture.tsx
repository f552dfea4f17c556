import { useEffect } from "react";
import { useCommands } from "../actions/commands";
import { useStartImage } from "../image/context";
import { download, fileName } from "../outputs/picture/png";
import { familyOf, type PictureRecord } from "../records/picture";
import { useStore } from "../state/useStore";
import { DownloadIcon } from "../ui/icons";
import { useGallery } from "./context";
import { Thumbnail } from "./GalleryGrid";
import { SettingsList } from "./SettingsList";
import { useFileUrl } from "./useFileUrl";

interface GalleryPictureProps {
  record: PictureRecord;
  onOpen: (id: string) => void;
  onBack: () => void;
  onUsed: () => void;
}

/** One kept picture, large, with what made it and what it is related to. */
export function GalleryPicture({ record, onOpen, onBack, onUsed }: GalleryPictureProps) {
  const gallery = useGallery();
  const startImage = useStartImage();
  const { reuse } = useCommands();
  const records = useStore(gallery.store, (state) => state.records);
  const { id, settings } = record;
  const url = useFileUrl(() => gallery.picture(id), id);
  const at = records.findIndex((one) => one.id === id);
  const newer = records[at - 1];
  const older = records[at + 1];

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "ArrowLeft" && newer) onOpen(newer.id);
      if (event.key === "ArrowRight" && older) onOpen(older.id);
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [newer, older, onOpen]);

  return (
    <div className="gallery-picture">
      <div className="gallery-large">
        {url && <img src={url} alt={settings.prompt || "Picture without a prompt"} />}
      </div>
      <div className="gallery-side">
        <SettingsList record={record} />
        <div className="gallery-actions">
          <button
            type="button"
            className="button primary"
            onClick={() => {
              reuse(record);
              onUsed();
            }}
          >
            Use these settings
          </button>
          <button
            type="button"
            className="button"
            onClick={async () => {
              if (await startImage.take(await gallery.picture(id), fileName(settings.prompt, settings.seed))) onUsed();
            }}
          >
            Use as start image
          </button>
          <button
            type="button"
            className="button"
            onClick={async () => download(await gallery.picture(id), fileName(settings.prompt, settings.seed))}
          >
            <DownloadIcon />
            PNG
          </button>
          <button
            type="button"
            className="button"
            onClick={() => {
              void gallery.remove([id]);
              onBack();
            }}
          >
            Delete
          </button>
          <button type="button" className="button" onClick={onBack}>
            Back
          </button>
        </div>
        <Family records={records} record={record} onOpen={onOpen} />
      </div>
    </div>
  );
}

function Family({
  records,
  record,
  onOpen,
}: {
  records: readonly PictureRecord[];
  record: PictureRecord;
  onOpen: (id: string) => void;
}) {
  const { ancestors, branches } = familyOf(records, record);
  const groups: [string, PictureRecord[]][] = [
    [record.parent ? `Branched from step ${record.parent.step + 1} of` : "Branched from", ancestors],
    ["Its branches", branches],
  ];
  return groups.map(
    ([title, members]) =>
      members.length > 0 && (
        <section key={title}>
          <h3>{title}</h3>
          <ul className="gallery-family">
            {members.map((one) => (
              <li key={one.id}>
                <button
                  type="button"
                  aria-label={`Open: ${one.settings.prompt || "without a prompt"}, seed ${one.settings.seed}`}
                  onClick={() => onOpen(one.id)}
                >
                  <Thumbnail id={one.id} />
                </button>
              </li>
            ))}
          </ul>
        </section>
      ),
  );
}
