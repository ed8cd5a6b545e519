// Files that are dropped or chosen: one, several, or a folder with all in it.
import { Refusal } from "../refusal.js";

const MOST_FILES = 3000;
const MOST_BYTES = 1024 ** 3; // of all files together
const MB = 1024 ** 2;

const isHidden = (name) => name.startsWith(".") || name.toUpperCase() === "DICOMDIR";

async function* filesOf(entry) {
  if (entry.isFile) {
    yield await new Promise((resolve, reject) => entry.file(resolve, reject));
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return;
    for (const inner of some) yield* filesOf(inner);
  }
}

async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  const plain = [...transfer.files]; // taken before the first wait, which empties it
  if (!entries.some((entry) => entry.isDirectory)) return plain;
  const files = [];
  for (const entry of entries) {
    for await (const file of filesOf(entry)) {
      files.push(file);
      if (files.length > MOST_FILES) break;
    }
  }
  return files;
}

// Reads the bytes of files: [{name, bytes}].
export async function readAll(list) {
  const files = list.filter((file) => !isHidden(file.name));
  if (!files.length) throw new Refusal("refused_no_files", {});
  if (files.length > MOST_FILES) {
    throw new Refusal("refused_too_many_files", { n: files.length, most: MOST_FILES });
  }
  let sum = 0;
  for (const file of files) {
    sum += file.size;
    if (sum > MOST_BYTES) {
      const size = Math.round(sum / MB);
      throw new Refusal("refused_too_large", { name: file.name, size, most: MOST_BYTES / MB });
    }
  }
  files.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const read = async (file) => {
    try {
      return { name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) };
    } catch (error) {
      throw new Refusal("refused_other_file", { name: file.name, why: error.name });
    }
  };
  return Promise.all(files.map(read));
}

// Calls `take(files)` with what is dropped onto a zone or chosen by its buttons.
export function dropZone(zone, take) {
  const over = (event) => {
    event.preventDefault();
    event.stopPropagation();
    zone.classList.toggle("over", event.type !== "dragleave");
  };
  zone.addEventListener("dragenter", over);
  zone.addEventListener("dragover", over);
  zone.addEventListener("dragleave", over);
  zone.addEventListener("drop", (event) => {
    over(event);
    zone.classList.remove("over");
    take(dropped(event.dataTransfer).then(readAll));
  });
  for (const button of zone.querySelectorAll("button[data-input]")) {
    const input = document.getElementById(button.dataset.input);
    button.addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      if (input.files.length) take(readAll([...input.files]));
      input.value = "";
    });
  }
}

// A file that misses the zones must not take the place of the page.
export function catchStrayFiles() {
  for (const kind of ["dragover", "drop"]) {
    document.addEventListener(kind, (event) => event.preventDefault());
  }
}
