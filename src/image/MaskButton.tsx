import { useState } from "react";
import type { Picture } from "../../workers/protocol";
import { modelInfo } from "../models/loading";
import { useStore } from "../state/useStore";
import { useDarkroom } from "../ui/context";
import { MaskEditor } from "./MaskEditor";
import { formSize } from "./start-image";

/** Opens the mask editor on the start image, at the size that the form asks for. */
export function MaskButton() {
  const { startImage, form, models } = useDarkroom();
  const masked = useStore(startImage.store, ({ mask }) => mask !== null);
  const [picture, setPicture] = useState<Picture | null>(null);
  return (
    <>
      <button
        type="button"
        className="button"
        onClick={() => void startImage.fitted(formSize(form.get(), modelInfo(models.store.get()))).then(setPicture)}
      >
        {masked ? "Edit mask" : "Paint mask"}
      </button>
      {picture && <MaskEditor picture={picture} onClose={() => setPicture(null)} />}
    </>
  );
}
