import { createContext, type ReactNode, useCallback, useContext, useState } from "react";

type Show = (dialog: (close: () => void) => ReactNode) => void;

const ShowContext = createContext<Show>(() => {});

/** Opens a dialog that outlasts its button: the settings move from the panel into the sheet when a tablet is turned. */
export function useDialog(): Show {
  return useContext(ShowContext);
}

/** Where such a dialog stands, beside the page. One at a time. */
export function DialogHost({ children }: { children: ReactNode }) {
  const [dialog, setDialog] = useState<{ render: Parameters<Show>[0] } | null>(null);
  const show = useCallback<Show>((render) => setDialog({ render }), []);
  const close = useCallback(() => setDialog(null), []);
  return (
    <ShowContext value={show}>
      {children}
      {dialog?.render(close)}
    </ShowContext>
  );
}
