import { type RefObject, useEffect, useRef } from "react";
import { useQueue } from "../runs/context";
import { isOver } from "../runs/run";
import { useStore } from "../state/useStore";
import { drawCell, drawFrame, layoutOf } from "./drawing";
import type { GridLayout } from "./grid-layout";
import { type Plot, runsOf } from "./plot";

interface Props {
  plot: Plot;
  canvas: RefObject<HTMLCanvasElement | null>;
  label: string;
}

/** The plot's picture, which fills as its runs are done. */
export function PlotGrid({ plot, canvas, label }: Props) {
  const queue = useQueue();
  const runs = useStore(queue.store, (state) => state.runs);
  const drawn = useRef<{ plot: Plot; layout: GridLayout; cells: Set<number> } | null>(null);

  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!canvas.current || !context) return;
    if (drawn.current?.plot !== plot) {
      const layout = layoutOf(plot, context);
      canvas.current.width = layout.width;
      canvas.current.height = layout.height;
      drawFrame(context, plot, layout);
      drawn.current = { plot, layout, cells: new Set() };
    }
    const { layout, cells } = drawn.current;
    for (const [index, run] of runsOf(plot, runs).entries()) {
      if (cells.has(index) || (run && !isOver(run))) continue;
      cells.add(index);
      void drawCell(context, layout, index, run);
    }
  }, [plot, runs, canvas]);

  return (
    <div className="plot-grid">
      <canvas ref={canvas} role="img" aria-label={label} />
    </div>
  );
}
