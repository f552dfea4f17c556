/** XMP as text: some programs' XML does not declare its prefixes, which no XML parser lets pass. */

/** The PNG keyword of XMP. */
export const XMP_KEYWORD = "XML:com.adobe.xmp";

const ENTITIES: Record<string, string> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

/** The alternatives (`rdf:li`) of a property, or else what it holds. */
export function xmpTexts(xmp: string, property: string): string[] {
  const inner = between(xmp, `<${property}`, `</${property}>`);
  if (inner === undefined) return [];
  const items: string[] = [];
  for (let at = 0; ; ) {
    const start = inner.indexOf("<rdf:li", at);
    const end = inner.indexOf("</rdf:li>", start);
    if (start < 0 || end < 0) break;
    items.push(inner.slice(inner.indexOf(">", start) + 1, end));
    at = end + 1;
  }
  return (items.length > 0 ? items : [inner]).map(withoutEntities);
}

/** What lies between a start tag and its end tag. */
function between(text: string, opening: string, closing: string): string | undefined {
  const start = text.indexOf(opening);
  const content = text.indexOf(">", start) + 1;
  const end = text.indexOf(closing, content);
  return start < 0 || content === 0 || end < 0 ? undefined : text.slice(content, end);
}

function withoutEntities(text: string): string {
  return text.replace(
    /&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w{1,4}));/gi,
    (whole, decimal, hex, name: string | undefined) => {
      if (name !== undefined) return ENTITIES[name] ?? whole;
      const code = decimal ? Number(decimal) : Number.parseInt(hex, 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}
