// The entry of the worker.
import { Refusal } from "../refusal.js";

globalThis.Refusal = Refusal;
