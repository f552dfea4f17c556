/**
 * AUTOMATIC1111's extra networks in a prompt: `<lora:name:weight>`, where the weights may be the text encoder's and the U-Net's, by place
 * or by name (`te=0.3:unet=0.6`); `lyco` is another name for `lora`, `hypernet` is a hypernetwork.
 */
import { type Found, note } from "./found";
import { addLora, negativePrompt, prompt, type Setter } from "./mapping";

const TAG = / ?<(\w+):([^<>]+)>/g;

/** Takes the tags out of the prompt, into the LoRAs and the notes. */
export const taggedPrompt: Setter = (found, value, values) => {
  if (typeof value === "string")
    for (const [, kind, content] of value.matchAll(TAG)) takeTag(found, kind.toLowerCase(), content);
  prompt(found, typeof value === "string" ? value.replace(TAG, "") : value, values);
};

/** There the web UI reads none. */
export const taggedNegativePrompt: Setter = (found, value, values) => {
  if (typeof value === "string")
    for (const [tag] of value.matchAll(TAG)) found.unmapped.push(`${tag.trim()} in the negative prompt`);
  negativePrompt(found, typeof value === "string" ? value.replace(TAG, "") : value, values);
};

function takeTag(found: Found, kind: string, content: string): void {
  const [name, ...items] = content.split(":").map((item) => item.trim());
  const placed = items.filter((item) => !item.includes("="));
  const named = new Map(
    items.filter((item) => item.includes("=")).map((item) => item.split(/=(.*)/s, 2) as [string, string]),
  );
  const [te = "1", unet = te] = placed;
  if (kind === "lora" || kind === "lyco") {
    const textEncoder = named.get("te") ?? te;
    const weight = named.get("unet") ?? (placed.length > 1 ? unet : textEncoder);
    addLora(found, name, weight);
    if (textEncoder !== weight && Number(textEncoder) !== Number(weight))
      found.unmapped.push(`LoRA ${name}: its text encoder part at ${textEncoder}`);
    for (const [key, value] of named)
      if (key !== "te" && key !== "unet") found.unmapped.push(note(`LoRA ${name}: ${key}`, value));
  } else if (kind === "hypernet") found.unmapped.push(`hypernetwork ${name} at ${te}`);
  else found.unmapped.push(`<${kind}:${content}>`);
}
