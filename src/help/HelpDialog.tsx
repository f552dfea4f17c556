import { Modal } from "../ui/Modal";
import { FEATURES } from "./features";
import { HelpPicture } from "./HelpPicture";
import "./help.css";
import { PromptSyntax } from "./PromptSyntax";

const KEYS: [keys: string[], what: string][] = [
  [["Ctrl", "Enter"], "Generate, from anywhere (Cmd on a Mac)"],
  [["Esc"], "Cancel the running picture and empty the queue, which can be put back"],
  [["Down", "Up"], "Choose a suggestion while you type; Enter or Tab takes it, Esc closes the list"],
  [["Left", "Right"], "Go through the steps, when the strip has the focus"],
  [["Home", "End"], "The first step, the last step"],
  [["Enter"], "Branch from the chosen step; there too"],
  [["Space"], "Play the steps, and pause; there too"],
  [["D"], "Decode the chosen step in full; there too"],
  [["V"], "Predicted picture or noisy latents; there too"],
  [["Left", "Right"], "The newer and the older picture, in the gallery"],
  [["Alt", "Up"], "Move a queued run up, in the queue; Alt and Down moves it down"],
  [["?"], "This page"],
];

const WORDS: [word: string, meaning: string][] = [
  ["Prompt", "What the picture should show, in plain words."],
  ["Negative Prompt", "What it must not show; guidance pushes away from it."],
  ["Latents", "The small, compressed image that the model works on; the decoder turns it into pixels at the end."],
  ["Step", "One pass of the model over the latents, after which they hold a little less noise."],
  ["Predicted picture", "What the model, at this step, expects the finished latents to be."],
  ["Noisy latents", "What the sampler really holds after this step, noise included."],
  ["Sampler", "The rule that leads from one noise level to the next; some need fewer steps than others."],
  ["Guidance scale", "How strongly the picture follows the prompt; 1 is no extra push and twice as fast."],
  [
    "Guidance start and end",
    "The part of the steps that are guided. A push from the first step on can draw one object too many.",
  ],
  [
    "Noise seed",
    "Some samplers add noise at every step; this number draws it, from the branch on. Others add none and ignore it.",
  ],
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
      <PromptSyntax />
      <h3>Features</h3>
      <dl className="help-features">
        {FEATURES.map(([feature, how, picture]) => (
          <div key={feature}>
            <dt>{feature}</dt>
            <dd>
              {how}
              <HelpPicture {...picture} />
            </dd>
          </div>
        ))}
      </dl>
      <h3>Glossary</h3>
      <Definitions list={WORDS} />
    </Modal>
  );
}

function Definitions({ list }: { list: [word: string, meaning: string][] }) {
  return (
    <dl className="help-words">
      {list.map(([word, meaning]) => (
        <div key={word}>
          <dt>{word}</dt>
          <dd>{meaning}</dd>
        </div>
      ))}
    </dl>
  );
}
