// Nothing was drawn on this slice; on another one there may be something.
import { Refusal } from "../refusal.js";

export class NotOnSlice extends Refusal {
  // `tooSmall`: what was drawn encloses no pixel centre.
  constructor(key, values, tooSmall = false) {
    super(key, values);
    this.tooSmall = tooSmall;
  }
}
