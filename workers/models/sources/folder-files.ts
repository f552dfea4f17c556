/** A model's folder that the visitor picked or dropped, used in place. */
import { EngineError } from "../../errors.ts";
import type { ModelFolder } from "../../protocol.ts";
import type { ModelFiles } from "./model-files.ts";

/** Finds a file by its path inside the folder, without reading it. */
export type FindFile = (path: string) => Promise<File | undefined>;

export interface FolderFiles extends ModelFiles {
  /** The file as it lies there: onnxruntime-web can take it as external data without a copy. @throws EngineError ModelFileMissing */
  blob(path: string): Promise<Blob>;
}

export function folderFiles(find: FindFile, list?: () => Promise<readonly string[]>): FolderFiles {
  const blob = async (path: string): Promise<File> => {
    let file: File | undefined;
    try {
      file = await find(path);
    } catch {
      throw unreadable(path);
    }
    if (!file) {
      throw new EngineError(
        "ModelFileMissing",
        `The folder has no ${path}; choose the folder with the whole model (the browser does not show links: copy what they stand for).`,
      );
    }
    return file;
  };
  return {
    blob,
    ...(list ? { list } : {}),
    async read(path, { onProgress } = {}) {
      const file = await blob(path);
      try {
        const bytes = new Uint8Array(await file.arrayBuffer());
        onProgress?.(bytes.length);
        return bytes;
      } catch {
        throw unreadable(path);
      }
    },
  };
}

/** A folder from the directory picker, or one that was dropped where the browser gives handles. */
export function inDirectory(root: FileSystemDirectoryHandle): FindFile {
  return async (path) => {
    const folders = path.split("/");
    const name = folders.pop() as string;
    try {
      let folder = root;
      for (const one of folders) folder = await folder.getDirectoryHandle(one);
      return await (await folder.getFileHandle(name)).getFile();
    } catch (error) {
      if (error instanceof Error && error.name === "NotFoundError") return undefined;
      throw error;
    }
  };
}

/** The files of a folder where the browser gives no handle, by their paths inside of it. */
export function inFileList(files: Iterable<{ path: string; file: File }>): FindFile {
  const byPath = new Map(Array.from(files, ({ path, file }) => [path, file]));
  return async (path) => byPath.get(path);
}

export function filesIn(folder: ModelFolder): FolderFiles {
  const find = Array.isArray(folder) ? inFileList(folder) : inDirectory(folder);
  let all: Promise<readonly string[]> | undefined;
  const list = () => {
    all ??= Array.isArray(folder) ? Promise.resolve(folder.map(({ path }) => path)) : pathsIn(folder);
    return all;
  };
  let root: Promise<string> | undefined;
  const rootOf = () => {
    root ??= list().then((paths) => snapshotIn(paths, find));
    return root;
  };
  return folderFiles(
    async (path) => find((await rootOf()) + path),
    async () => {
      const before = await rootOf();
      return (await list()).flatMap((path) => (path.startsWith(before) ? path.slice(before.length) : []));
    },
  );
}

/**
 * Where in the folder the model lies: at its root, or where the hub's cache keeps it (snapshots/COMMIT/, the commit in refs/main).
 * @throws EngineError ModelFileMissing where the files are links, which browsers do not show
 */
async function snapshotIn(paths: readonly string[], find: FindFile): Promise<string> {
  const folders = new Set(paths.flatMap((path) => /^snapshots\/[^/]+\//.exec(path)?.[0] ?? []));
  const main = `snapshots/${(await (await find("refs/main"))?.text())?.trim()}/`;
  const [first = "", ...others] = folders.has(main) ? [main] : folders;
  if (first !== "" && others.length === 0) return first;
  if (paths.length > 0 && !paths.every((path) => /^(blobs|refs)\//.test(path))) return "";
  throw new EngineError(
    "ModelFileMissing",
    "The folder shows the browser no model files: links, of which the hub's cache consists, are hidden from it; copy the folder with its links followed (cp -RL), or download it with --local-dir, and open that.",
  );
}

/** Of all files, hidden ones apart. @throws EngineError ModelFileMissing when the folder can no longer be read */
async function pathsIn(folder: FileSystemDirectoryHandle, before = ""): Promise<string[]> {
  const paths: string[] = [];
  try {
    for await (const [name, handle] of folder.entries()) {
      if (name.startsWith(".")) continue;
      if (handle.kind === "file") paths.push(before + name);
      else paths.push(...(await pathsIn(handle as FileSystemDirectoryHandle, `${before}${name}/`)));
    }
  } catch (error) {
    throw error instanceof EngineError ? error : unreadable(before || folder.name);
  }
  return paths.sort();
}

/** The browser forgot the permission, or the file was moved or changed since the folder was chosen. */
function unreadable(path: string): EngineError {
  return new EngineError(
    "ModelFileMissing",
    `The model file ${path} can no longer be read; it was moved or changed, or the permission ended: choose the folder again.`,
  );
}
