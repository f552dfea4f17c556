import { type CSSProperties, useState } from "react";
import type { ModelInfo, Settings } from "../../workers/protocol";
import { blobUrl } from "../outputs/picture/png";
import "./compare.css";
import { differences } from "./differences";

export interface Compared {
  /** what to call it, "Picture 2" */
  name: string;
  png: Blob;
  settings: Settings;
  samplers: ModelInfo["samplers"];
}

type Mode = "side by side" | "slider";
const MODES: [Mode, string][] = [
  ["side by side", "Side by side"],
  ["slider", "Slider"],
];

/** Two pictures beside or over each other, and in what their settings differ. */
export function ComparePictures({ a, b }: { a: Compared; b: Compared }) {
  const [mode, setMode] = useState<Mode>("side by side");
  return (
    <div className="compare-pictures">
      <fieldset className="switch" aria-label="Compare">
        {MODES.map(([one, label]) => (
          <label key={one}>
            <input type="radio" name="compare-mode" checked={mode === one} onChange={() => setMode(one)} />
            <span>{label}</span>
          </label>
        ))}
      </fieldset>
      {mode === "slider" ? <Slider a={a} b={b} /> : <Pair a={a} b={b} />}
      <Differences a={a} b={b} />
    </div>
  );
}

function Pair({ a, b }: { a: Compared; b: Compared }) {
  return (
    <div className="compare-pair">
      {[a, b].map(({ name, png, settings }) => (
        <figure key={name}>
          <img src={blobUrl(png)} alt={`${name}: ${settings.prompt || "without a prompt"}`} />
          <figcaption>{name}</figcaption>
        </figure>
      ))}
    </div>
  );
}

/** The second picture over the first one, from a boundary on that the slider moves. */
function Slider({ a, b }: { a: Compared; b: Compared }) {
  const [share, setShare] = useState(50);
  const style = { "--boundary": `${share}%`, "--ratio": a.settings.width / a.settings.height } as CSSProperties;
  return (
    <div className="compare-slider" style={style}>
      <div className="compare-stack">
        <img src={blobUrl(a.png)} alt={`${a.name}: ${a.settings.prompt || "without a prompt"}`} />
        <img
          className="compare-over"
          src={blobUrl(b.png)}
          alt={`${b.name}: ${b.settings.prompt || "without a prompt"}`}
        />
        <input
          type="range"
          aria-label={`Boundary between ${a.name} and ${b.name}`}
          min={0}
          max={100}
          value={share}
          onChange={(event) => setShare(Number(event.target.value))}
        />
      </div>
      <p className="compare-names">
        <span>{a.name}</span>
        <span>{b.name}</span>
      </p>
    </div>
  );
}

function Differences({ a, b }: { a: Compared; b: Compared }) {
  const found = differences(a.settings, b.settings, [...a.samplers, ...b.samplers]);
  if (found.length === 0) return <p className="compare-note">The settings are the same.</p>;
  return (
    <table className="compare-table">
      <thead>
        <tr>
          <th scope="col">Setting</th>
          <th scope="col">{a.name}</th>
          <th scope="col">{b.name}</th>
        </tr>
      </thead>
      <tbody>
        {found.map((one) => (
          <tr key={one.label}>
            <th scope="row">{one.label}</th>
            <td>{one.a}</td>
            <td>{one.b}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
