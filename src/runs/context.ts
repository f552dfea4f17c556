import { createService } from "../state/service";
import type { Store } from "../state/store";
import type { Queue } from "./queue";
import type { Session } from "./session";

export const [QueueContext, useQueue] = createService<Queue>("Queue");
export const [SessionContext, useSession] = createService<Store<Session>>("Session");
