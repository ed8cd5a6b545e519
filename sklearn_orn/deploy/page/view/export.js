// The result as a file: numbers, outline and where the model is from. Nothing of the
// image's header but its geometry and protocol, and no name of a file, goes into it.
import { runLengths } from "./outline.js";

export const FORMAT = "sklearn-orn-measured";
export const VERSION = 1;

// `state`: {volume, section, outlines, features of each (null: did not draw), clinical,
// result, moved}
export function measuredFile(model, state, version) {
  const { volume, section, result, moved } = state;
  const slice = volume.slices[section];
  return {
    format: FORMAT,
    schema_version: VERSION,
    made_with: `sklearn-orn ${version}`,
    research_use_only: true,
    model: { title: model.title, sha256: model.sha256, positive: model.positive, negative: model.negative },
    image: {
      kind: volume.kind,
      rows: slice.rows,
      columns: slice.columns,
      section,
      n_sections: volume.slices.length,
      spacing: slice.spacing,
      protocol: volume.protocol || {},
    },
    readers: state.outlines.flatMap((outline, i) => readerOf(outline, state.features[i], section)),
    clinical: state.clinical,
    result: {
      score: result.linearPredictor,
      probability: result.probability,
      predicted: result.predicted,
      total_points: result.totalPoints,
      points: Object.fromEntries(model.predictors.map((p, i) => [p.name, result.points[i]])),
      flags: result.flags,
      moved: moved?.draws.length ? { low: moved.low, high: moved.high, draws: moved.draws } : null,
    },
  };
}

function readerOf(outline, features, section) {
  if (!features) return [];
  const polygons = outline.polygons(section);
  return [{ name: outline.name, polygons, runs: runLengths(outline.mask(section)), features }];
}

export function save(name, data) {
  const text = `${JSON.stringify(data, null, 1)}\n`;
  const address = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}
