// The worker that measures, behind promises. A fault or a refusal there is one here.
import { Refusal } from "../refusal.js";

const SECONDS = 60;

export class Measurer {
  constructor(code) {
    this.code = code;
    this.worker = null;
    this.open = new Map(); // id -> {resolve, reject, timer}
    this.last = 0;
  }

  start() {
    const address = URL.createObjectURL(new Blob([this.code], { type: "text/javascript" }));
    this.worker = new Worker(address);
    URL.revokeObjectURL(address);
    this.worker.onmessage = ({ data }) => this.answered(data);
    this.worker.onerror = (event) => this.stop(new Error(event.message || "worker"));
  }

  // Ends the worker; what it was asked for fails.
  stop(error) {
    this.worker?.terminate();
    this.worker = null;
    for (const { reject, timer } of this.open.values()) {
      clearTimeout(timer);
      reject(error);
    }
    this.open.clear();
  }

  answered({ id, result, refusal, error }) {
    const asked = this.open.get(id);
    if (!asked) return;
    clearTimeout(asked.timer);
    this.open.delete(id);
    if (refusal) asked.reject(new Refusal(refusal.key, refusal.values));
    else if (error) asked.reject(new Error(error));
    else asked.resolve(result);
  }

  ask(task, values) {
    if (!this.worker) this.start();
    this.last += 1;
    const id = this.last;
    return new Promise((resolve, reject) => {
      const late = () => this.stop(new Refusal("refused_time", { seconds: SECONDS }));
      this.open.set(id, { resolve, reject, timer: setTimeout(late, SECONDS * 1000) });
      this.worker.postMessage({ id, task, values });
    });
  }

  measure(values) {
    return this.ask("measure", values);
  }

  perturbed(model, slice, mask, clinical, settings) {
    return this.ask("perturbed", { model, slice, mask, clinical, settings });
  }
}
