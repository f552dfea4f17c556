import type { PromptReading } from "../../workers/protocol";

/** The words that lie beyond the text encoder's window; nothing where all was read. */
export function Unread({ reading, id }: { reading: PromptReading | null; id: string }) {
  if (!reading?.unread) return null;
  return (
    <p id={id} className="unread">
      The model reads {reading.limit} tokens. Not read: <q>{reading.unread.trim()}</q>
    </p>
  );
}
