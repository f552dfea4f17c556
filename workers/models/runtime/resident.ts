/**
 * Which of a model's sessions are held. Where memory is short a group of networks makes room for another one, and comes back when it is
 * run again; else all stay.
 */

import type { GraphFile } from "../formats/graph-file.ts";
import { createLock } from "./lock.ts";
import type { Network, NetworkFactory } from "./network.ts";

export interface Residents {
  /** A network whose session is made when it is first run, or by `load`. @param group those of one group are held together */
  add(group: string, file: GraphFile, options?: ResidentOptions): Resident;
  /** Gives a group's sessions back; one that is run again is made again. */
  free(group: string): Promise<void>;
  release(): Promise<void>;
}

export type Resident = Network & { load(): Promise<void> };

export interface ResidentOptions {
  /** weights that take the place of others, by name */
  readonly changed?: ReadonlyMap<string, Uint8Array<ArrayBuffer>> | undefined;
  /** told of every session that is made */
  readonly onSession?: (path: string) => void;
}

/** @param room bytes of weights up to which sessions of several groups are held */
export function residents(createNetwork: NetworkFactory, room: number): Residents {
  /** the least recently used first */
  const held = new Map<GraphFile, { group: string; network: Promise<Network> }>();
  const exclusive = createLock();
  const heldBytes = () => [...held.keys()].reduce((sum, { bytes }) => sum + bytes, 0);
  const drop = async (isMeant: (group: string) => boolean, isEnough = () => false) => {
    for (const [file, { group, network }] of [...held]) {
      if (isEnough()) return;
      if (!isMeant(group)) continue;
      held.delete(file);
      await (await network.catch(() => undefined))?.release();
    }
  };
  return {
    add(group, file, { changed, onSession } = {}) {
      const acquire = async (): Promise<Network> => {
        const there = held.get(file);
        held.delete(file);
        if (there) {
          held.set(file, there);
          return there.network;
        }
        await drop(
          (other) => other !== group,
          () => heldBytes() + file.bytes <= room,
        );
        onSession?.(file.path);
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
        load: () => exclusive(async () => void (await acquire())),
        // What runs is not dropped meanwhile.
        run: (feeds, outputs) => exclusive(async () => (await acquire()).run(feeds, outputs)),
        release: async () => {},
      };
    },
    free: (group) => exclusive(() => drop((other) => other === group)),
    release: () => exclusive(() => drop(() => true)),
  };
}
