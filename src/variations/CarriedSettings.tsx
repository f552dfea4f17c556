import { settingOf } from "../../workers/settings/read";
import type { SettingName } from "../../workers/settings/setting";
import { useForm } from "../settings/context";
import { useStore } from "../state/useStore";
import { CloseIcon } from "../ui/icons";

/** Settings that came with a picture and have no field of their own: shown, and removable. */
export function CarriedSettings() {
  const form = useForm();
  const carried = useStore(form, (typed) => typed.carried);
  return (Object.keys(carried) as SettingName[]).map((name) => {
    const row = settingOf(name);
    const text = `${row?.label ?? name}: ${row?.text(carried[name], []) ?? ""}`;
    return (
      <p key={name} className="carried">
        <span>{text}</span>
        <button
          type="button"
          className="icon-button"
          aria-label={`Remove: ${text}`}
          onClick={() => {
            const { [name]: _, ...rest } = carried;
            form.set({ carried: rest });
          }}
        >
          <CloseIcon />
        </button>
      </p>
    );
  });
}
