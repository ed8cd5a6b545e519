// What makes a lesion unlike those of training: the sentences of `predict`, word for
// word, each with a key and values for other languages.

const ROUNDING = 1e-9; // of a range: the last digits of a feature are not a finding
const SAME_SPACING = 0.01; // relative: headers write 0.469 and 0.46875 for one protocol

// As Python's format "g": significant digits without trailing zeros, ties to even.
export function general(value, digits) {
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const [mantissa, power] = evenly(Math.abs(value), digits);
  const sign = value < 0 ? "-" : "";
  if (power < -4 || power >= digits) {
    const shown = Math.abs(power) < 10 ? `0${Math.abs(power)}` : String(Math.abs(power));
    return `${sign}${trimmed(`${mantissa[0]}.${mantissa.slice(1)}`)}e${power < 0 ? "-" : "+"}${shown}`;
  }
  if (power < 0) return `${sign}0.${"0".repeat(-power - 1)}${trimmed(`.${mantissa}`).slice(1)}`;
  return sign + trimmed(`${mantissa.slice(0, power + 1)}.${mantissa.slice(power + 1)}`);
}

const trimmed = (text) => text.replace(/0+$/, "").replace(/\.$/, "");

// Digits and power of ten; toExponential takes the larger one of two that are as near.
function evenly(value, digits) {
  const [exact, power] = value.toExponential(60).split("e");
  const all = exact.replace(".", "");
  const isTie = /^50*$/.test(all.slice(digits));
  if (isTie && Number(all[digits - 1]) % 2 === 0) return [all.slice(0, digits), Number(power)];
  const [near, nearPower] = value.toExponential(digits - 1).split("e");
  return [near.replace(".", ""), Number(nearPower)];
}

// Numbers of the classifier outside of their range in training.
export function rangeFlags(ranges, valuesByName) {
  const flags = [];
  for (const { name, predictor, low, high, filled } of ranges) {
    const known = valuesByName[predictor];
    const value = Number.isNaN(known) ? filled : known;
    const slack = ROUNDING * Math.max(high - low, Math.abs(low), Math.abs(high));
    const shown = { name, value: general(value, 4), low: general(low, 4), high: general(high, 4) };
    if (value < low - slack) {
      const text = `${name} ${shown.value} is below the training range from ${shown.low}`;
      flags.push({ key: "flag_below_range", values: shown, text });
    } else if (value > high + slack) {
      const text = `${name} ${shown.value} is above the training range to ${shown.high}`;
      flags.push({ key: "flag_above_range", values: shown, text });
    }
  }
  return flags;
}

export function readerFlags(n, trained) {
  if (n >= trained) return [];
  const text = `${n} of ${trained} readers: less averaging than in training`;
  return [{ key: "flag_fewer_readers", values: { n, trained }, text }];
}

const pairText = ([rows, columns]) => `${general(rows, 3)} x ${general(columns, 3)}`;

function spacingFlags(spacing, trained) {
  if (!trained.length) return [];
  if (!spacing) {
    return [{ key: "flag_spacing_unknown", values: {}, text: "pixel spacing unknown" }];
  }
  const isNear = (pair) =>
    pair.every((mm, k) => Math.abs(spacing[k] - mm) <= SAME_SPACING * Math.abs(mm));
  if (trained.some(isNear)) return [];
  const shown = trained.slice(0, 3).map(pairText).join(", ") + (trained.length > 3 ? ", ..." : "");
  const values = { spacing: pairText(spacing), trained: shown };
  const text = `pixel spacing ${values.spacing} mm, in training ${shown}`;
  return [{ key: "flag_spacing", values, text }];
}

const ACQUIRED = {
  field_strength_T: { name: "field strength", unit: " T", isTime: false },
  sequence: { name: "sequence", unit: "", isTime: false },
  TR_ms: { name: "TR", unit: " ms", isTime: true },
  TE_ms: { name: "TE", unit: " ms", isTime: true },
};
const SAME_PROTOCOL = 0.05; // relative: scanners write 1.494 and 1.5 T, and round times

const shownValue = (value) => (typeof value === "string" ? value : general(value, 4));

// Whether training had the value; of times, whether it lies between the ends.
function isKnown(value, known, isTime) {
  if (typeof value === "string") return known.includes(value);
  const numbers = known.filter((one) => typeof one === "number");
  const slack = (one) => SAME_PROTOCOL * Math.abs(one);
  const last = numbers.at(-1);
  if (isTime) return value >= numbers[0] - slack(numbers[0]) && value <= last + slack(last);
  return numbers.some((one) => Math.abs(value - one) <= slack(one));
}

// What no lesion of training tells is not looked at.
function protocolFlags(protocol, trained) {
  const flags = [];
  for (const [field, { name, unit, isTime }] of Object.entries(ACQUIRED)) {
    const known = trained[field] || [];
    const value = protocol[field] ?? NaN;
    if (!known.length) continue;
    if (Number.isNaN(value)) {
      flags.push({ key: "flag_protocol_unknown", values: { name }, text: `${name} unknown` });
    } else if (!isKnown(value, known, isTime)) {
      const joined = [...new Set(known.map(shownValue))].join(isTime ? " to " : ", ");
      const values = { name, value: shownValue(value) + unit, trained: joined };
      const text = `${name} ${values.value}, in training ${joined}`;
      flags.push({ key: "flag_protocol", values, text });
    }
  }
  return flags;
}

export function imageFlags({ spacing = null, protocol = null }, training) {
  return [
    ...spacingFlags(spacing, training.spacings),
    ...protocolFlags(protocol || {}, training.protocol),
  ];
}
