/** Workers from the app's own files, in sandboxed frames too. */

/**
 * @param url of a worker's module, as `?worker&url` gives it
 * @param name of the worker, `self.name` in it
 */
export function startWorker(url: string, name: string): Worker {
  try {
    return new Worker(url, { type: "module", name });
  } catch (error) {
    // A frame that is sandboxed without allow-same-origin has an origin of its own, and no worker may come from another one. One that is
    // made of text may, and may import the file where the host allows that (Access-Control-Allow-Origin).
    if ((error as Error).name !== "SecurityError") throw error;
    const text = importing(new URL(url, document.baseURI).href);
    return new Worker(URL.createObjectURL(new Blob([text], { type: "text/javascript" })), { name });
  }
}

/** A script that imports a module and hands on to it what came before it was there. Chromium starts no module worker from text there. */
const importing = (url: string) => `
  const early = [];
  const keep = (event) => early.push(event);
  addEventListener("message", keep);
  import(${JSON.stringify(url)}).then(
    () => {
      removeEventListener("message", keep);
      for (const { data, ports } of early) dispatchEvent(new MessageEvent("message", { data, ports: [...ports] }));
    },
    (error) => setTimeout(() => { throw error; }),
  );
`;
