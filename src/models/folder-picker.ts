/** A model's folder from the disk: from the directory picker, from an input, or dropped. */
import type { ModelFolder } from "../../workers/protocol";

export interface PickedFolder {
  title: string;
  folder: ModelFolder;
}

/** undefined where the browser has no directory picker; null when the visitor chose none. */
export async function pickDirectory(): Promise<PickedFolder | null | undefined> {
  const { showDirectoryPicker } = window as { showDirectoryPicker?: () => Promise<FileSystemDirectoryHandle> };
  if (!showDirectoryPicker) return undefined;
  try {
    const folder = await showDirectoryPicker.call(window);
    return { title: folder.name, folder };
  } catch (error) {
    if ((error as Error).name === "AbortError") return null;
    throw error;
  }
}

/** What an `<input webkitdirectory>` holds: paths begin with the name of the folder that was chosen. */
export function fromInput(files: Iterable<File>): PickedFolder | null {
  const list = Array.from(files);
  if (list.length === 0) return null;
  const [title] = list[0].webkitRelativePath.split("/");
  return { title, folder: list.map((file) => ({ path: file.webkitRelativePath.replace(/^[^/]*\//, ""), file })) };
}

/** Null when no folder was among what was dropped. To be called in the event: afterwards the entries are gone. */
export async function fromDrop(items: DataTransferItemList): Promise<PickedFolder | null> {
  const entries = Array.from(items, (item) => item.webkitGetAsEntry());
  const root = entries.find((entry): entry is FileSystemDirectoryEntry => entry?.isDirectory === true);
  return root ? { title: root.name, folder: await filesBelow(root, "") } : null;
}

async function filesBelow(folder: FileSystemDirectoryEntry, before: string): Promise<{ path: string; file: File }[]> {
  const reader = folder.createReader();
  const files: { path: string; file: File }[] = [];
  for (;;) {
    // A reader gives a hundred at a time, and none when it is through.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return files;
    for (const entry of some) {
      const path = before + entry.name;
      if (entry.isDirectory) files.push(...(await filesBelow(entry as FileSystemDirectoryEntry, `${path}/`)));
      else {
        const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
        files.push({ path, file });
      }
    }
  }
}
