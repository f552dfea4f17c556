import { useCommands } from "../actions/commands";
import { AboutModelButton } from "../models/AboutModelButton";
import { useModels } from "../models/context";
import { useForm } from "../settings/context";
import { useStore } from "../state/useStore";

const SHOWN = 5;

/** The first visit: what this is, and a few prompts that the model was taught. */
export function Welcome() {
  const form = useForm();
  const models = useModels();
  const { generate } = useCommands();
  const examples = useStore(models.store, (state) => state.concepts?.examples) ?? [];
  return (
    <div className="welcome">
      <p className="wordmark">Darkroom</p>
      <p>Describe a picture and watch it come out of the noise. It is made on this machine and stays here.</p>
      {examples.length > 0 && (
        <ul className="examples" aria-label="Example prompts">
          {examples.slice(0, SHOWN).map((example) => (
            <li key={example}>
              <button
                type="button"
                className="text-button"
                onClick={() => {
                  form.set({ prompt: example });
                  generate();
                }}
              >
                {example}
              </button>
            </li>
          ))}
        </ul>
      )}
      <AboutModelButton />
    </div>
  );
}
