import { useLayoutEffect, useRef } from "react";
import type { ModelInfo, Tensor } from "../../workers/protocol";
import { latentsToImageData } from "./preview";

interface Props {
  latents: Tensor;
  map: ModelInfo["preview"];
  /** pixels of the canvas a latent pixel; above 1 it is enlarged smoothly */
  scale?: number;
  /** its alternative text; without one it is decoration */
  label?: string | undefined;
}

/** The cheap preview of latents, drawn in the page: a few hundred multiplications a step. */
export function LatentCanvas({ latents, map, scale = 1, label }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [, , height, width] = latents.dims;

  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    const image = latentsToImageData(latents, map);
    if (scale === 1) {
      context.putImageData(image, 0, 0);
      return;
    }
    const small = new OffscreenCanvas(width, height);
    small.getContext("2d")?.putImageData(image, 0, 0);
    context.globalCompositeOperation = "copy"; // enlarged smoothly, its rim may not be opaque: nothing of the picture before shines through
    context.imageSmoothingQuality = "high";
    context.drawImage(small, 0, 0, width * scale, height * scale);
  }, [latents, map, scale, width, height]);

  const naming = label ? ({ role: "img", "aria-label": label } as const) : ({ "aria-hidden": true } as const);
  return <canvas ref={canvas} width={width * scale} height={height * scale} {...naming} />;
}
