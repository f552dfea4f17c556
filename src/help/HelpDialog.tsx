import type { KeyHelp } from "../actions/action";
import { Modal } from "../ui/Modal";
import { FEATURES } from "./features";
import { HelpPicture } from "./HelpPicture";
import "./help.css";
import { PromptSyntax } from "./PromptSyntax";

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

export function HelpDialog({ keys, onClose }: { keys: readonly KeyHelp[]; onClose: () => void }) {
  return (
    <Modal title="Help" className="help" onClose={onClose}>
      <h3>Keyboard</h3>
      <dl className="help-keys">
        {keys.map(({ keys: names, text }) => (
          <div key={text}>
            <dt>
              {names.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{text}</dd>
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
