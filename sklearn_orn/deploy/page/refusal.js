// What a file or an entry is refused for: a key of the texts, and what fills its holes.
export class Refusal extends Error {
  constructor(key, values = {}) {
    super(key);
    this.name = "Refusal";
    this.key = key;
    this.values = values;
  }
}
