import type { Picture } from "./features";
import { HelpPicture } from "./HelpPicture";

const SYNTAX: [written: string, meaning: string][] = [
  ["(word)", "1.1 times as strong; ((word)) is 1.21 times."],
  [
    "(word:1.3)",
    "1.3 times as strong; below 1 it is weaker. Any number of words may stand in brackets, and brackets in brackets.",
  ],
  ["[word]", "1.1 times weaker."],
  ["\\( \\) \\[ \\]", "A bracket that is to be read, as in: owl \\(bird\\)."],
  [
    "[cat:dog:0.4]",
    "Reads “cat” for the first 40 % of the steps and “dog” for the rest. A whole number counts steps: [cat:dog:8].",
  ],
  ["[dog:0.4]", "Adds “dog” after 40 % of the steps."],
  ["[cat::0.4]", "Takes “cat” away after 40 % of the steps."],
  ["[cat|dog]", "Changes at every step: cat, dog, cat, dog."],
  ["{red|blue} cat", "Two pictures: a red cat and a blue cat, from the same seeds. Several braces multiply."],
  ["BREAK", "What follows begins a new chunk."],
  ["# a note", "At the start of a line or between spaces: the rest of the line is not read. \\# is the character."],
  ["<lora:name:1>", "Tags are not read. A LoRA is switched on under Models."],
];

const ALTERNATIVES: Picture = {
  name: "alternatives",
  alt: "Three pictures of one prompt: a {red|green|yellow} apple.",
};

/** How a prompt is written, after AUTOMATIC1111. */
export function PromptSyntax() {
  return (
    <>
      <h3>Writing prompts</h3>
      <p>
        Brackets mean what they mean in AUTOMATIC1111, in the prompt and in the negative prompt. Brackets without a
        partner do no harm.
      </p>
      <dl className="help-syntax">
        {SYNTAX.map(([written, meaning]) => (
          <div key={written}>
            <dt>
              <code>{written}</code>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <HelpPicture {...ALTERNATIVES} />
      <p>
        A text encoder reads a window of so many tokens (pieces of words) at once; the count stands below the prompt. A
        longer prompt is read in chunks of that size, one after the other, parted at a comma where one is near. The
        prompt and the negative prompt are filled up to the same number of chunks. Models of the Stable Diffusion 3
        family have a second reader, T5, which takes the weights but reads the first 256 tokens alone.
      </p>
    </>
  );
}
