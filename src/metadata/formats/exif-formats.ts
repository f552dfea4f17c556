/** The picture formats beside PNG whose EXIF is read: JPEG, WebP, and AVIF with its relatives. */

/** @param head the first 12 bytes */
export function isExifFormat(head: Uint8Array): boolean {
  const text = String.fromCharCode(...head);
  return (
    text.startsWith("\xff\xd8\xff") || (text.startsWith("RIFF") && text.endsWith("WEBP")) || text.slice(4, 8) === "ftyp"
  );
}
