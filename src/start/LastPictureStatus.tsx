import { useCommands } from "../actions/commands";
import { useGallery } from "../gallery/context";
import { useStartImage } from "../image/context";
import { useModels } from "../models/context";
import { modelInfo } from "../models/loading";
import { samplerName } from "../runs/run";
import { useStore } from "../state/useStore";
import { useLastPicture } from "./useLastPicture";

/** Below the picture of an earlier visit: what made it. */
export function LastPictureText() {
  const models = useModels();
  const samplers = useStore(models.store, modelInfo)?.samplers ?? [];
  const record = useLastPicture();
  if (!record) return null;
  const { seed, sampler, steps, guidanceScale, prompt } = record.settings;
  return (
    <p className="status-text">
      <strong>
        Last picture: <bdi>{prompt || "without a prompt"}</bdi>
      </strong>
      <span>{`seed ${seed} · ${samplerName(samplers, sampler)} · ${steps} steps · guidance ${guidanceScale} · ${record.width} × ${record.height}`}</span>
    </p>
  );
}

/** What can be done with it. */
export function LastPictureActions() {
  const gallery = useGallery();
  const startImage = useStartImage();
  const { reuse } = useCommands();
  const record = useLastPicture();
  if (!record) return null;
  return (
    <>
      <button type="button" className="button" onClick={() => reuse(record)}>
        Use these settings
      </button>
      <button
        type="button"
        className="button"
        onClick={async () => startImage.take(await gallery.picture(record.id), "Last picture")}
      >
        Use as start image
      </button>
    </>
  );
}
