import { type ReactNode, useEffect, useRef } from "react";
import { CloseIcon } from "./icons";

interface ModalProps {
  title: string;
  className: string;
  /** a press beside it does nothing: what was made in it would be lost */
  holds?: boolean;
  onClose: () => void;
  /** asked before Escape or the X closes it; false keeps it open. The browser may close it unasked (a second Escape, a gesture). */
  mayClose?: () => boolean;
  children: ReactNode;
}

/** A native modal dialog: it keeps the focus, Escape and a press beside it close it. */
export function Modal({ title, className, holds = false, onClose, mayClose, children }: ModalProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const pressedBeside = useRef(false);
  useEffect(() => dialog.current?.showModal(), []);
  const close = () => {
    if (mayClose?.() ?? true) dialog.current?.close();
  };
  return (
    <dialog
      ref={dialog}
      className={`modal ${className}`}
      aria-label={title}
      onClose={onClose}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !mayClose || event.defaultPrevented) return;
        event.preventDefault(); // or the browser closes it at the second time
        close();
      }}
      onCancel={(event) => {
        if (event.target === dialog.current && mayClose && !mayClose()) event.preventDefault();
      }}
      // A drag that begins inside, over a text say, and ends beside it is a click on the dialog, too.
      onPointerDown={({ target }) => {
        pressedBeside.current = target === dialog.current;
      }}
      onClick={({ target }) => {
        if (!holds && pressedBeside.current && target === dialog.current) dialog.current?.close();
      }}
    >
      <div className="modal-body">
        <header className="modal-head">
          <h2>{title}</h2>
          <button type="button" className="icon-button" aria-label="Close" onClick={close}>
            <CloseIcon />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
