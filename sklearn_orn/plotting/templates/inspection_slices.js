// Slices: from the text of the page to grey levels and ROIs, and onto a canvas.
async function inflated(text) {
  const packed = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// High bytes, low bytes, of differences to the left; then the bits of each ROI drawn.
function readSlice(bytes, view, drawn) {
  const { rows, columns } = view;
  const n = rows * columns;
  const levels = new Uint16Array(n);
  for (let row = 0; row < rows; row += 1) {
    let before = row ? levels[(row - 1) * columns] : 0;
    for (let at = row * columns; at < (row + 1) * columns; at += 1) {
      levels[at] = before + (bytes[at] << 8) + bytes[n + at];
      before = levels[at];
    }
  }
  const masks = new Map();
  drawn.forEach((block, k) => {
    const start = 2 * n + k * Math.ceil(n / 8);
    const mask = new Uint8Array(n);
    for (let at = 0; at < n; at += 1) {
      mask[at] = (bytes[start + (at >> 3)] >> (7 - (at & 7))) & 1;
    }
    masks.set(block, mask);
  });
  return { levels, masks };
}

// The edges between an ROI and its surroundings, as one path.
function outlinePath(mask, view, x, y) {
  const { rows, columns } = view;
  const path = new Path2D();
  const at = (row, column) =>
    row >= 0 && column >= 0 && row < rows && column < columns && mask[row * columns + column];
  for (let row = 0; row <= rows; row += 1) {
    for (let column = 0; column <= columns; column += 1) {
      const here = at(row, column);
      if (here !== at(row - 1, column) && Boolean(here) !== Boolean(at(row - 1, column))) {
        path.moveTo(column * x, row * y);
        path.lineTo((column + 1) * x, row * y);
      }
      if (Boolean(here) !== Boolean(at(row, column - 1))) {
        path.moveTo(column * x, row * y);
        path.lineTo(column * x, (row + 1) * y);
      }
    }
  }
  return path;
}

// Width and height on the screen: pixels are as wide and high as they are in mm.
function sizeWithin(view, width, height) {
  const aspect = view.spacing ? view.spacing[0] / view.spacing[1] : 1;
  const scale = Math.min(width / view.columns, height / (view.rows * aspect));
  return [scale * view.columns, scale * view.rows * aspect];
}

function drawSlice(canvas, slice, view, { window: [low, high], width, height, blocks, colours, line }) {
  const ratio = globalThis.devicePixelRatio || 1;
  const [w, h] = sizeWithin(view, width, height);
  canvas.width = Math.max(Math.round(w * ratio), 1);
  canvas.height = Math.max(Math.round(h * ratio), 1);
  canvas.style.width = `${w}px`;
  canvas.style.height = `${h}px`;
  const grey = new OffscreenCanvas(view.columns, view.rows);
  const pixels = new ImageData(view.columns, view.rows);
  const span = Math.max(high - low, Number.MIN_VALUE);
  slice.levels.forEach((level, at) => {
    const value = ((view.low + view.step * level - low) / span) * 255;
    pixels.data.fill(Math.min(Math.max(Math.round(value), 0), 255), 4 * at, 4 * at + 3);
    pixels.data[4 * at + 3] = 255;
  });
  grey.getContext("2d").putImageData(pixels, 0, 0);
  const context = canvas.getContext("2d");
  context.imageSmoothingEnabled = false;
  context.drawImage(grey, 0, 0, canvas.width, canvas.height);
  slice.masks.forEach((mask, block) => {
    if (!blocks.has(block)) return;
    const path = outlinePath(mask, view, canvas.width / view.columns, canvas.height / view.rows);
    context.lineCap = "square";
    [["#000", line + 1.6], [colours[block % colours.length], line]].forEach(([colour, thick]) => {
      context.strokeStyle = colour;
      context.lineWidth = thick * ratio;
      context.stroke(path);
    });
  });
}
