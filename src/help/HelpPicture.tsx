import type { Picture } from "./features";
import sizes from "./pictures.json";

/** A picture of the app's own, fetched once it comes near the view. */
export function HelpPicture({ name, alt }: Picture) {
  return <img className="help-picture" src={`help/${name}.webp`} alt={alt} {...sizes[name]} loading="lazy" />;
}
