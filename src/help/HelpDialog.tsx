import { Modal } from "../ui/Modal";
import "./help.css";

const KEYS: [keys: string[], what: string][] = [
  [["Ctrl", "Enter"], "Generate, from anywhere (Cmd on a Mac)"],
  [["Esc"], "Cancel the running picture"],
  [["Left", "Right"], "Go through the steps, when the strip has the focus"],
  [["Home", "End"], "The first step, the last step"],
  [["Enter"], "Decode the chosen step in full"],
  [["?"], "This page"],
];

const WORDS: [word: string, meaning: string][] = [
  ["Prompt", "What the picture shall show, in plain words."],
  ["Negative Prompt", "What it must not show; guidance pushes away from it."],
  ["Latents", "The small, compressed image that the model works on; the decoder turns it into pixels at the end."],
  ["Step", "One pass of the model over the latents, after which they hold a little less noise."],
  ["Predicted picture", "What the model, at this step, expects the finished latents to be."],
  ["Noisy latents", "What the sampler really holds after this step, noise included."],
  ["Sampler", "The rule that leads from one noise level to the next; some need fewer steps than others."],
  ["Guidance scale", "How strongly the picture follows the prompt; 1 is no extra push and twice as fast."],
  ["Seed", "The number that the starting noise is drawn from: same seed and settings, same picture."],
];

export function HelpDialog({ onClose }: { onClose: () => void }) {
  return (
    <Modal title="Help" className="help" onClose={onClose}>
      <h3>Keyboard</h3>
      <dl className="help-keys">
        {KEYS.map(([keys, what]) => (
          <div key={what}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <h3>Words</h3>
      <dl className="help-words">
        {WORDS.map(([word, meaning]) => (
          <div key={word}>
            <dt>{word}</dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
