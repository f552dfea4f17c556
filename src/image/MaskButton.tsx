import { useModels } from "../models/context";
import { modelInfo } from "../models/loading";
import { useForm } from "../settings/context";
import { useStore } from "../state/useStore";
import { useDialog } from "../ui/DialogHost";
import { useStartImage } from "./context";
import { MaskEditor } from "./MaskEditor";
import { formSize } from "./start-image";

/** Opens the mask editor on the start image, at the size that the form asks for. */
export function MaskButton() {
  const startImage = useStartImage();
  const form = useForm();
  const models = useModels();
  const masked = useStore(startImage.store, ({ mask }) => mask !== null);
  const show = useDialog();
  const open = async () => {
    const picture = await startImage.fitted(formSize(form.get(), modelInfo(models.store.get())));
    if (picture) show((close) => <MaskEditor picture={picture} onClose={close} />);
  };
  return (
    <button type="button" className="button" aria-haspopup="dialog" onClick={() => void open()}>
      {masked ? "Edit mask" : "Paint mask"}
    </button>
  );
}
