import { expect, test } from "vitest";
import type { GraphFile } from "../formats/graph-file.ts";
import type { Network, NetworkFactory } from "./network.ts";
import { residents } from "./resident.ts";

/** Sessions that note when they are made and given back. @param room in bytes */
function watched(room: number) {
  const events: string[] = [];
  const create = async (path: string): Promise<Network> => {
    events.push(`+${path}`);
    return { inputs: [], outputs: [], run: async () => ({}), release: async () => void events.push(`-${path}`) };
  };
  const sessions = residents(create as unknown as NetworkFactory, room);
  const add = (group: string, path: string, bytes: number) => {
    const open = async () => ({ bytes: new Uint8Array(), externalData: [] });
    return sessions.add(group, { path, bytes, inputs: [], outputs: [], open } as unknown as GraphFile);
  };
  /** what happened since it was last asked */
  const seen = () => events.splice(0).join(" ");
  return { sessions, add, seen };
}

test("where there is room all groups stay", async () => {
  const { add, seen } = watched(30);
  const networks = [add("text", "a", 10), add("picture", "b", 10), add("prior", "c", 10)];
  for (const one of [...networks, ...networks]) await one.run({}, []);
  expect(seen()).toBe("+a +b +c");
});

test("else other groups make room, the least recently used first; networks of one group stay together", async () => {
  const { add, seen } = watched(25);
  const [text, prior] = [add("text", "text", 10), add("prior", "prior", 10)];
  const [unet, net] = [add("picture", "unet", 10), add("picture", "controlnet", 20)];
  await text.run({}, []);
  await prior.run({}, []);
  await text.run({}, []);
  expect(seen()).toBe("+text +prior");
  await unet.run({}, []);
  expect(seen()).toBe("-prior +unet");
  await net.run({}, []);
  await unet.run({}, []);
  expect(seen()).toBe("-text +controlnet");
  await text.load();
  expect(seen()).toBe("-controlnet +text");
});

test("a group that is freed is made again when it is run", async () => {
  const { sessions, add, seen } = watched(100);
  const [prior, unet] = [add("prior", "prior", 10), add("picture", "unet", 10)];
  await prior.run({}, []);
  await unet.run({}, []);
  await sessions.free("prior");
  expect(seen()).toBe("+prior +unet -prior");
  await prior.run({}, []);
  await sessions.release();
  expect(seen()).toBe("+prior -unet -prior");
});

test("what runs is not given back meanwhile", async () => {
  const { add, seen } = watched(10);
  const [text, unet] = [add("text", "text", 10), add("picture", "unet", 10)];
  await Promise.all([text.run({}, []), unet.run({}, []), text.run({}, [])]);
  expect(seen()).toBe("+text -text +unet -unet +text");
});
