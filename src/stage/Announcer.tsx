import { useEffect, useRef, useState } from "react";
import { useStartImage } from "../image/context";
import { useModels } from "../models/context";
import type { ModelState } from "../models/loading";
import { useQueue } from "../runs/context";
import type { QueueState } from "../runs/queue";
import { progressOf } from "../runs/run";
import { useStore } from "../state/useStore";

/** Milliseconds between two announced steps: a screen reader must be able to finish its sentence. */
const PAUSE_MS = 4000;

/** Tells screen readers politely how loading and the runs go. */
export function Announcer() {
  const queue = useQueue();
  const models = useModels();
  const startImage = useStartImage();
  const model = useStore(models.store, modelStatus);
  const start = useStore(startImage.store, ({ source }) => source?.name ?? "");
  const status = useStore(queue.store, latestStatus);
  const step = useStore(queue.store, runningStep);
  const [text, setText] = useState("");
  const spoken = useRef(0);
  useEffect(() => setText(model), [model]);
  useEffect(() => {
    if (start) setText(`Start image: ${start}.`);
  }, [start]);
  useEffect(() => {
    if (status) setText(status);
  }, [status]);
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

function modelStatus({ list, id, loading }: ModelState): string {
  const title = list.find((model) => model.id === id)?.title ?? "the model";
  switch (loading.kind) {
    case "ready":
      return `${loading.info.title} is ready.`;
    case "failed":
      return `${title} could not be loaded. ${loading.error.message}`;
    case "cancelled":
      return `Loading ${title} was cancelled.`;
    default:
      return `Loading ${title}.`;
  }
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
