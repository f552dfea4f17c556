/**
 * The chunks of a response's body as they arrive. They are read with a reader: WebKit's streams have no async iterator.
 *
 * @param broken makes the error to throw when the connection breaks. Whatever the caller's own loop throws stays what it is.
 */
export async function* chunksOf(
  response: Response,
  broken: (cause: unknown) => unknown,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  const reader = response.body?.getReader();
  if (!reader) return;
  const read = () =>
    reader.read().catch((cause: unknown) => {
      throw broken(cause);
    });
  try {
    for (let next = await read(); !next.done; next = await read()) yield next.value;
  } finally {
    // A caller that stops early does not want the rest.
    void reader.cancel().catch(() => {});
  }
}
