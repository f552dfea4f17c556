/**
 * The texts in EXIF and XMP. AUTOMATIC1111, Forge, Civitai and others write the PNG's `parameters` into the tag UserComment of JPEG, WebP
 * and AVIF files; ComfyUI writes its graphs into Make and Model; Draw Things writes XMP.
 */
import ExifReader from "exifreader";
import type { FileText } from "./file-text";
import { XMP_KEYWORD } from "./xmp";

const TAGS = ["UserComment", "ImageDescription", "Make", "Model", "Software", "XPComment"] as const;

/** @param bytes a JPEG, WebP, AVIF or TIFF file. @returns none where it has no EXIF or XMP that can be read */
export function readExifTexts(bytes: Uint8Array<ArrayBuffer>): FileText[] {
  let tags: ReturnType<typeof load>;
  try {
    tags = load(bytes);
  } catch {
    return [];
  }
  const texts: FileText[] = [];
  for (const name of TAGS) {
    const value = (tags.exif as Record<string, { value?: unknown }> | undefined)?.[name]?.value;
    const text = decodeTag(name, value);
    if (text !== "") texts.push(named(name, text));
  }
  const xmp: unknown = tags.xmp?._raw;
  if (typeof xmp === "string") texts.push({ keyword: XMP_KEYWORD, text: xmp });
  return texts;
}

function load(bytes: Uint8Array<ArrayBuffer>) {
  const buffer = bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer;
  return ExifReader.load(buffer, { expanded: true });
}

/** The tag UserComment is the `parameters` of PNG; a tag that begins with `prompt:` or `workflow:` is ComfyUI's text of that name. */
function named(tag: string, text: string): FileText {
  const graph = /^\s*(prompt|workflow)\s*:\s*(?=\{)/i.exec(text);
  if (graph) return { keyword: graph[1].toLowerCase(), text: text.slice(graph[0].length) };
  return { keyword: tag === "UserComment" ? "parameters" : tag, text };
}

/** Tags of the type ASCII are text already, the others bytes. */
function decodeTag(name: (typeof TAGS)[number], value: unknown): string {
  if (!Array.isArray(value)) return "";
  if (typeof value[0] === "string") return clean(value.join("\n"));
  const bytes = Uint8Array.from(value as number[]);
  return name === "XPComment" ? utf16(bytes, "utf-16le") : decodeText(bytes);
}

const CODE_BYTES = 8;

/** The first 8 bytes may name the character code (EXIF 2.3, table 9); what follows is not always in it. */
export function decodeText(bytes: Uint8Array): string {
  const code = String.fromCharCode(...bytes.subarray(0, CODE_BYTES))
    .replace(/[\0 ]+$/, "")
    .toUpperCase();
  const body = ["UNICODE", "ASCII", "JIS", ""].includes(code) ? bytes.subarray(CODE_BYTES) : bytes;
  if (code === "JIS") return clean(new TextDecoder("iso-2022-jp").decode(body));
  return decodeUnicode(body, code === "UNICODE");
}

/** UTF-16 in either byte order, UTF-8 or Latin-1, whichever it is: settings are ASCII for the most part. */
function decodeUnicode(bytes: Uint8Array, isProbablyUtf16: boolean): string {
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return utf16(bytes, "utf-16be");
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return utf16(bytes, "utf-16le");
  const end = bytes.findLastIndex((byte) => byte !== 0);
  let zeros = 0;
  for (let i = 0; i < end; i++) if (bytes[i] === 0) zeros++;
  if (zeros > (isProbablyUtf16 ? 0 : bytes.length / 8)) {
    const [big, little] = [utf16(bytes, "utf-16be"), utf16(bytes, "utf-16le")];
    return colons(little) > colons(big) ? little : big;
  }
  try {
    return clean(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return clean(new TextDecoder("latin1").decode(bytes));
  }
}

/** Settings have them; letters of other scripts may look like ASCII in the wrong byte order, but none like a colon. */
function colons(text: string): number {
  return text.split(":").length;
}

function utf16(bytes: Uint8Array, label: "utf-16le" | "utf-16be"): string {
  return clean(new TextDecoder(label).decode(bytes));
}

/** Without the zeros that end or fill a tag. */
function clean(text: string): string {
  return text.replaceAll("\0", "").trim();
}
