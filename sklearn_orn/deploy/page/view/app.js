// The entry of the page.
import { Refusal } from "../refusal.js";

globalThis.Refusal = Refusal;
