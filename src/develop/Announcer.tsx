import { useEffect, useRef, useState } from "react";
import { useStore } from "../state/useStore";
import { useDarkroom } from "../ui/context";
import type { QueueState } from "./queue";
import { progressOf } from "./run";

/** Milliseconds between two announced steps: a screen reader must be able to finish its sentence. */
const PAUSE_MS = 4000;

/** Tells screen readers politely how the runs go. */
export function Announcer() {
  const { queue } = useDarkroom();
  const status = useStore(queue.store, latestStatus);
  const step = useStore(queue.store, runningStep);
  const [text, setText] = useState("");
  const spoken = useRef(0);
  useEffect(() => setText(status), [status]);
  useEffect(() => {
    if (!step || performance.now() - spoken.current < PAUSE_MS) return;
    spoken.current = performance.now();
    setText(step);
  }, [step]);
  return (
    <p className="visually-hidden" aria-live="polite">
      {text}
    </p>
  );
}

function runningStep({ runs }: QueueState): string {
  const run = runs.find(({ status }) => status === "running");
  if (!run || run.steps.length === 0) return "";
  const { done, total } = progressOf(run);
  return `Step ${done} of ${total}`;
}

function latestStatus({ runs }: QueueState): string {
  const run = runs.findLast(({ status }) => status !== "queued");
  switch (run?.status) {
    case "running":
      return `Picture ${run.number} is running.`;
    case "done":
      return `Picture ${run.number} is finished.`;
    case "cancelled":
      return `Picture ${run.number} was cancelled after step ${run.steps.length}.`;
    case "failed":
      return `Picture ${run.number} failed. ${run.error?.message ?? ""}`;
    default:
      return "";
  }
}
