import { useLayoutEffect, useRef } from "react";
import type { Preview, Tensor } from "../../workers/protocol";
import { previewImage } from "./preview";

interface Props {
  latents: Tensor;
  preview: Preview;
  /** at the picture's size, smoothly; else one pixel a latent pixel */
  enlarged?: boolean;
  /** its alternative text; without one it is decoration */
  label?: string | undefined;
}

/** The cheap preview of latents, drawn in the page: a few hundred multiplications a step. */
export function LatentCanvas({ latents, preview, enlarged = false, label }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [, , height, width] = latents.dims;
  const scale = enlarged && preview.kind === "linear" ? preview.scale : 1;

  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    const image = previewImage(latents, preview);
    if (scale === 1) {
      context.putImageData(image, 0, 0);
      return;
    }
    const small = new OffscreenCanvas(width, height);
    small.getContext("2d")?.putImageData(image, 0, 0);
    context.globalCompositeOperation = "copy"; // enlarged smoothly, its rim may not be opaque: nothing of the picture before shines through
    context.imageSmoothingQuality = "high";
    context.drawImage(small, 0, 0, width * scale, height * scale);
  }, [latents, preview, scale, width, height]);

  const naming = label ? ({ role: "img", "aria-label": label } as const) : ({ "aria-hidden": true } as const);
  return <canvas ref={canvas} width={width * scale} height={height * scale} {...naming} />;
}
