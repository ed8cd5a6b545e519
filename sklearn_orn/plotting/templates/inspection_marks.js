// Marks: kept in the browser, written and read as CSV that a spreadsheet does not run.
const RUN = /^'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

function csvCell(text) {
  const marked = RUN.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",;\t\r\n]|^\s|\s$/.test(marked) ? `"${marked.replaceAll('"', '""')}"` : marked;
}

function csvText(rows) {
  return `\ufeff${rows.map((row) => `${row.map(csvCell).join(",")}\n`).join("")}`;
}

function csvRows(text) {
  const plain = text.replace(/^\ufeff/, "");
  const first = plain.split(/\r?\n/, 1)[0];
  const separator = [",", ";", "\t"].reduce((a, b) => (first.split(b).length > first.split(a).length ? b : a));
  const rows = [[""]];
  let quoted = false;
  for (let at = 0; at < plain.length; at += 1) {
    const letter = plain[at];
    const row = rows[rows.length - 1];
    if (quoted && letter === '"' && plain[at + 1] === '"') {
      row[row.length - 1] += '"';
      at += 1;
    } else if (letter === '"') {
      quoted = !quoted;
    } else if (quoted) {
      row[row.length - 1] += letter;
    } else if (letter === separator) {
      row.push("");
    } else if (letter === "\n") {
      rows.push([""]);
    } else if (letter !== "\r") {
      row[row.length - 1] += letter;
    }
  }
  const undone = (cell) => (/^'+[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(cell) ? cell.slice(1) : cell);
  return rows.filter((row) => row.some((cell) => cell.trim())).map((row) => row.map(undone));
}

function keptMarks(key) {
  try {
    return JSON.parse(localStorage.getItem(key)) || {};
  } catch {
    return null;
  }
}

function keepMarks(key, marks) {
  try {
    localStorage.setItem(key, JSON.stringify(marks));
    return true;
  } catch {
    return false;
  }
}
