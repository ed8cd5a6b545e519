// What a file is, by its first bytes and not by its name.
import { startsWith } from "./bounded.js";
import { isDicom } from "./dicom.js";
import { headOf, isNifti, isPair } from "./nifti_header.js";
import { isPng } from "./png.js";

const OTHERS = [
  ["\xff\xd8\xff", "JPEG"],
  ["GIF8", "GIF"],
  ["NRRD", "NRRD"],
  ["II*\0", "TIFF"],
  ["MM\0*", "TIFF"],
  ["BM", "BMP"],
  ["\x93NUMPY", "NPY"],
  ["%PDF", "PDF"],
  ["PK\x03\x04", "ZIP"],
];

// "dicom", "nifti", "png", or the name of a format that is not read, "?" of none known.
export function kindOf({ name, bytes }) {
  if (isDicom(bytes)) return "dicom";
  if (isPng(bytes)) return "png";
  const head = headOf(bytes);
  if (isNifti(head)) return "nifti";
  if (isPair(head, name)) return "NIfTI/Analyze .hdr + .img";
  return OTHERS.find(([signature]) => startsWith(bytes, signature))?.[1] || "?";
}
