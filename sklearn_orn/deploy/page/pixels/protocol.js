// How an image was acquired, by the names of sklearn_orn.images.protocol_table. Nothing
// that identifies a person is among it.
import { items } from "./dataset.js";
import { placeOf } from "./dicom_header.js";

const MAX_TEXT = 64;
const PRINTABLE = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu;

// As Python rounds: of two as near, to the even one. Only a multiple of 1/8 lies halfway
// between hundredths, and one of 1/32 between ten-thousandths.
function rounded(value, digits) {
  if (value === null) return null;
  const scaled = value * 10 ** digits;
  const low = Math.floor(scaled);
  if (Number.isInteger(value * 2 ** (digits + 1)) && scaled - low === 0.5) {
    return (low % 2 ? low + 1 : low) / 10 ** digits;
  }
  return Number(value.toFixed(digits));
}

function textOf(item, keyword) {
  if (!item.has(keyword)) return null;
  const parts = item.text(keyword).split("\\").map((part) => part.trim());
  const letters = [...parts.join(" ").replace(PRINTABLE, "")];
  return letters.slice(0, MAX_TEXT).join("").trim() || null;
}

function numberOf(item, keyword) {
  const value = item.numbers(keyword, 1);
  return value ? rounded(value[0], 4) : null;
}

function sequenceOf(dataset) {
  const parts = [textOf(dataset, "ScanningSequence"), textOf(dataset, "SequenceVariant")];
  return parts.filter(Boolean).join(" / ") || textOf(dataset, "PulseSequenceName");
}

// A time in ms at the top level, or in the groups of a multi-frame file.
function timing(dataset, shared, ...keywords) {
  const places = [[dataset, keywords[0]]];
  for (const name of ["MRTimingAndRelatedParametersSequence", "MREchoSequence"]) {
    for (const group of items(shared, name)) {
      for (const keyword of keywords) places.push([group, keyword]);
    }
  }
  const times = places.map(([item, keyword]) => numberOf(item, keyword));
  return times.find((time) => time !== null) ?? null;
}

function contrastAgent(dataset) {
  const text = textOf(dataset, "ContrastBolusAgent");
  const [coded] = items([dataset], "ContrastBolusAgentSequence");
  return text === null && coded ? textOf(coded, "CodeMeaning") : text;
}

export function protocolOf(dataset) {
  const shared = items([dataset], "SharedFunctionalGroupsSequence").slice(0, 1);
  const { spacing, thickness } = placeOf(dataset, shared);
  const rows = dataset.whole("Rows");
  const columns = dataset.whole("Columns");
  return {
    modality: textOf(dataset, "Modality"),
    vendor: textOf(dataset, "Manufacturer"),
    model: textOf(dataset, "ManufacturerModelName"),
    field_strength_T: numberOf(dataset, "MagneticFieldStrength"),
    sequence: sequenceOf(dataset),
    TR_ms: timing(dataset, shared, "RepetitionTime"),
    TE_ms: timing(dataset, shared, "EchoTime", "EffectiveEchoTime"),
    slice_thickness_mm: rounded(thickness, 2),
    spacing_rows_mm: spacing ? spacing[0] : null,
    spacing_columns_mm: spacing ? spacing[1] : null,
    matrix: rows && columns ? `${rows} x ${columns}` : null,
    bits_stored: numberOf(dataset, "BitsStored"),
    contrast_agent: contrastAgent(dataset),
  };
}

// Of an image without a header of its acquisition.
export function protocolOfGrid({ rows, columns, spacing, thickness }) {
  return {
    slice_thickness_mm: rounded(thickness ?? null, 2),
    spacing_rows_mm: spacing ? spacing[0] : null,
    spacing_columns_mm: spacing ? spacing[1] : null,
    matrix: `${rows} x ${columns}`,
  };
}
