import type { Picture } from "../../workers/protocol";

/** The accent, half transparent. */
export const MASK_COLOUR = [255, 81, 64, 150] as const;

/** A mask as it is seen over its picture; decoration. */
export function MaskLook({ mask }: { mask: Picture }) {
  const { width, height, rgba } = mask;
  const draw = (canvas: HTMLCanvasElement | null) => {
    const context = canvas?.getContext("2d");
    if (!context) return;
    const image = context.createImageData(width, height);
    for (let i = 0; i < rgba.length; i += 4) if (rgba[i] >= 128) image.data.set(MASK_COLOUR, i);
    context.putImageData(image, 0, 0);
  };
  return (
    <span className="mask-look" aria-hidden="true">
      <canvas ref={draw} width={width} height={height} />
    </span>
  );
}
