/**
 * Keeps the page within what is seen while a keyboard of the screen is open. Chromium and Firefox make the page smaller themselves
 * (interactive-widget in index.html); Safari only moves its visual viewport over it, so the height is told to the layout here.
 */
export function followVisualViewport(): void {
  const viewport = window.visualViewport;
  if (!viewport) return;
  const { style } = document.documentElement;
  const follow = () => {
    // Someone who zooms in with two fingers wants to see a part of the page, not a smaller page.
    if (viewport.scale !== 1) return;
    if (viewport.height < innerHeight - 1) {
      style.setProperty("--window-height", `${viewport.height}px`);
      scrollTo(0, 0);
    } else style.removeProperty("--window-height");
  };
  viewport.addEventListener("resize", follow);
  follow();
}
