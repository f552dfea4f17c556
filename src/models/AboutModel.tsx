import { useEffect, useState } from "react";
import { useCommands } from "../actions/commands";
import { useForm } from "../settings/context";
import { useStore } from "../state/useStore";
import { Modal } from "../ui/Modal";
import { ConceptBrowser } from "./ConceptBrowser";
import type { Concepts } from "./concepts";
import { useModels } from "./context";
import "./about.css";
import { type Card, fetchCard } from "./card";
import { Markdown } from "./Markdown";

/** What the model was taught, how well it does it, and its card. */
export function AboutModel({ concepts, onClose }: { concepts: Concepts; onClose: () => void }) {
  const models = useModels();
  const form = useForm();
  const { generate } = useCommands();
  const { id, list } = useStore(models.store, (state) => state);
  const title = list.find((model) => model.id === id)?.title ?? id;
  const [card, setCard] = useState<Card | null>(null);
  useEffect(() => {
    let wanted = true;
    void fetchCard(id).then((fetched) => wanted && setCard(fetched));
    return () => {
      wanted = false;
    };
  }, [id]);
  const draw = (prompt: string) => {
    form.set({ prompt });
    generate();
    // the settings too, where they lie over the picture
    for (const dialog of document.querySelectorAll<HTMLDialogElement>("dialog[open]")) dialog.close();
  };
  return (
    <Modal title={`What ${title} can draw`} className="about" onClose={onClose}>
      <ConceptBrowser concepts={concepts} onDraw={draw} />
      {card && card.kinds.length > 0 && (
        <table className="about-report">
          <caption>How often it draws what was asked for, by its own grader</caption>
          <tbody>
            {card.kinds.map(({ name, share }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{`${Math.round(share * 100)} %`}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {card?.text && <Markdown text={card.text} />}
    </Modal>
  );
}
