/** What a hub answers when it gives no file, told apart, each with its remedy. */
import { EngineError } from "../../../errors.ts";
import type { EngineErrorName } from "../../../protocol.ts";

export type HubProblem =
  | "gated"
  | "unauthorized"
  | "missing"
  | "rate limited"
  | "server"
  | "unreachable"
  | "changed"
  | "lying";

export class HubError extends EngineError {
  readonly problem: HubProblem;
  /** seconds after which the hub wants to be asked again */
  readonly retryAfter: number | undefined;

  constructor(problem: HubProblem, message: string, retryAfter?: number) {
    super(NAMES[problem], message);
    this.problem = problem;
    this.retryAfter = retryAfter;
  }
}

const NAMES: Record<HubProblem, EngineErrorName> = {
  gated: "ModelFileMissing",
  unauthorized: "ModelFileMissing",
  missing: "ModelFileMissing",
  "rate limited": "NetworkFailed",
  server: "NetworkFailed",
  unreachable: "NetworkFailed",
  changed: "ModelFileCorrupt",
  lying: "ModelFileCorrupt",
};

/** @param what the repository or the file that was asked for */
export function unreachable(what: string, host: string): HubError {
  return new HubError(
    "unreachable",
    `${what} cannot be fetched from ${host}; check the connection and go on: what has arrived is kept.`,
  );
}

/**
 * An answer that is no success. The hub says in `X-Error-Code` why: to visitors without an account it answers 401 for a repository that does
 * not exist and for a private one alike.
 */
export function refused(what: string, response: Response): HubError {
  const { status, headers } = response;
  const code = headers.get("X-Error-Code");
  const host = new URL(response.url).host;
  if (code === "GatedRepo" || status === 403) {
    return new HubError(
      "gated",
      `${what} is given only to those who accepted its conditions at ${host}; accept them there, download the folder, and open it from the disk.`,
    );
  }
  if (status === 401 && code !== "RepoNotFound") {
    return new HubError(
      "unauthorized",
      `${host} asks for an account for ${what}; download the folder there and open it from the disk.`,
    );
  }
  if (status === 401 || status === 404 || status === 410) {
    return new HubError(
      "missing",
      `${what} is not at ${host}, or is private; check the spelling of the repository and the revision.`,
    );
  }
  if (status === 429) {
    const seconds = retryAfter(headers.get("Retry-After"));
    const when = seconds === undefined ? "in some minutes" : `in ${seconds} s`;
    return new HubError("rate limited", `${host} was asked too often for ${what}; go on ${when}.`, seconds);
  }
  return new HubError("server", `${host} answered ${status} for ${what}; go on later: what has arrived is kept.`);
}

/** Only the form in seconds: a date would need the hub's clock. */
function retryAfter(value: string | null): number | undefined {
  return value !== null && /^\d{1,6}$/.test(value.trim()) ? Number(value) : undefined;
}
