import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from "react";
import type { Picture } from "../../workers/protocol";
import { MASK_COLOUR } from "./MaskLook";
import type { MaskPainting, Point } from "./mask-painting";

interface Props {
  picture: Picture;
  painting: MaskPainting;
  /** in pixels of the picture */
  brush: { radius: number; erase: boolean };
  feather: number;
  onChange: () => void;
}

/** The picture with the mask over it, painted with mouse, pen, finger or keys. */
export function MaskCanvas({ picture, painting, brush, feather, onChange }: Props) {
  const { width, height } = picture;
  const overlay = useRef<HTMLCanvasElement>(null);
  const last = useRef<Point | null>(null);
  const [cursor, setCursor] = useState<Point | null>(null);

  const draw = () => {
    const context = overlay.current?.getContext("2d");
    if (!context) return;
    const image = context.createImageData(width, height);
    const { pixels } = painting;
    for (let i = 0; i < pixels.length; i++) if (pixels[i]) image.data.set(MASK_COLOUR, i * 4);
    context.putImageData(image, 0, 0);
  };
  // Painted, undone or cleared: the buttons outside change it, too.
  useEffect(draw);

  const paint = (to: Point) => {
    painting.stroke(last.current ?? to, to, brush.radius, brush.erase);
    last.current = to;
  };
  const at = ({ clientX, clientY, currentTarget }: PointerEvent): Point => {
    const box = currentTarget.getBoundingClientRect();
    return { x: ((clientX - box.left) / box.width) * width, y: ((clientY - box.top) / box.height) * height };
  };
  const onDown = (event: PointerEvent) => {
    if (event.button !== 0 || !event.isPrimary) return; // a second finger draws no line to the first
    event.currentTarget.setPointerCapture(event.pointerId);
    paint(at(event));
    draw();
  };
  const onMove = (event: PointerEvent) => {
    if (!event.isPrimary) return;
    const point = at(event);
    setCursor(point);
    if (!last.current) return;
    paint(point);
    draw();
  };
  const onUp = ({ isPrimary }: PointerEvent) => {
    if (!last.current || !isPrimary) return;
    last.current = null;
    painting.commit();
    onChange();
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey) return;
    const move = MOVES[event.key];
    const from = cursor ?? { x: width / 2, y: height / 2 };
    if (move) {
      const by = event.shiftKey ? 1 : Math.max(2, brush.radius / 2);
      setCursor({
        x: Math.min(width, Math.max(0, from.x + move[0] * by)),
        y: Math.min(height, Math.max(0, from.y + move[1] * by)),
      });
    } else if (event.key === " " || event.key === "Enter") {
      painting.stroke(from, from, brush.radius, brush.erase);
      painting.commit();
      setCursor(from);
      onChange();
    } else return;
    event.preventDefault();
  };

  return (
    <div className="mask-frame" style={{ "--ratio": width / height } as React.CSSProperties}>
      <canvas
        ref={(canvas) => {
          canvas?.getContext("2d")?.putImageData(new ImageData(picture.rgba, width, height), 0, 0);
        }}
        width={width}
        height={height}
        role="img"
        aria-label="Start image"
      />
      {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: ARIA has no role for painting; an application takes the keys itself */}
      <canvas
        ref={overlay}
        className="mask-overlay"
        width={width}
        height={height}
        tabIndex={0}
        role="application"
        aria-label="Mask over the start image"
        aria-roledescription="painting canvas"
        style={{ filter: feather > 0 ? `blur(${feather / 4}px)` : "none" }}
        onPointerDown={onDown}
        onPointerMove={onMove}
        onPointerUp={onUp}
        onPointerCancel={onUp}
        onPointerLeave={() => !last.current && setCursor(null)}
        onKeyDown={onKey}
      />
      {cursor && (
        <span
          className="mask-cursor"
          style={{
            left: `${(cursor.x / width) * 100}%`,
            top: `${(cursor.y / height) * 100}%`,
            width: `${((2 * brush.radius) / width) * 100}%`,
          }}
        />
      )}
    </div>
  );
}

const MOVES: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
