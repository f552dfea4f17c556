/**
 * Which of a model's sessions are held. Where memory is short the text encoders make room for the backbone and come back when there is
 * another prompt to read; else all stay.
 */

import type { GraphFile } from "../formats/graph-file.ts";
import { createLock } from "./lock.ts";
import type { Network, NetworkFactory } from "./network.ts";

/** Of one group all may be held together. */
export type Group = "text" | "picture";

export interface Residents {
  /** A network whose session is made when it is first run, or by `load`. @param changed weights that take the place of others */
  add(
    group: Group,
    file: GraphFile,
    changed?: ReadonlyMap<string, Uint8Array<ArrayBuffer>>,
  ): Network & { load(): Promise<void> };
  release(): Promise<void>;
}

/**
 * @param takesTurns whether one group makes room for the other
 * @param onSession told of every session that is made
 */
export function residents(
  createNetwork: NetworkFactory,
  takesTurns: boolean,
  onSession: (path: string) => void,
): Residents {
  const held = new Map<GraphFile, { group: Group; network: Promise<Network> }>();
  const exclusive = createLock();
  const drop = async (isMeant: (group: Group) => boolean) => {
    for (const [file, { group, network }] of [...held]) {
      if (!isMeant(group)) continue;
      held.delete(file);
      await (await network.catch(() => undefined))?.release();
    }
  };
  return {
    add(group, file, changed) {
      const acquire = async (): Promise<Network> => {
        const there = held.get(file);
        if (there) return there.network;
        if (takesTurns) await drop((other) => other !== group);
        onSession(file.path);
        const network = file
          .open({ changed, webgpu: createNetwork.webgpu })
          .then(({ bytes, externalData }) => createNetwork(file.path, bytes, externalData, file.bytes));
        held.set(file, { group, network });
        network.catch(() => held.delete(file)); // the next run tries again
        return network;
      };
      return {
        inputs: file.inputs,
        outputs: file.outputs.map(({ name }) => name),
        load: async () => void (await acquire()),
        run: (feeds, outputs) => {
          const run = async () => (await acquire()).run(feeds, outputs);
          return takesTurns ? exclusive(run) : run();
        },
        release: async () => {},
      };
    },
    release: () => drop(() => true),
  };
}
