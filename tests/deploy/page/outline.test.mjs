// What a reader drew: undone, moved, counted. Run by `node --test tests/deploy/page/`.
import assert from "node:assert/strict";
import { test } from "node:test";

import { firstWindow, grey, scales } from "../../../sklearn_orn/deploy/page/view/canvas.js";
import { readNumber, probabilityText } from "../../../sklearn_orn/deploy/page/view/numbers.js";
import {
  deleteVertex, insertVertex, moveVertex, nearest, Outline, runLengths,
} from "../../../sklearn_orn/deploy/page/view/outline.js";

const SQUARE = [[2, 2], [6, 2], [6, 6], [2, 6]];
const SIZE = { rows: 10, columns: 12 };

test("a polygon is undone, and so is a mask that was dropped onto it", () => {
  const outline = new Outline("A");
  assert.equal(outline.undo(), null);
  assert.ok(outline.setPolygons(3, [SQUARE], SIZE));
  assert.equal(outline.area(3), 25);
  const mask = new Uint8Array(120).fill(1, 0, 7);
  outline.setMasks(new Map([[1, mask]]), "seg.png");
  assert.deepEqual([outline.area(3), outline.area(1), outline.largest], [0, 7, 1]);
  outline.undo();
  assert.deepEqual([outline.area(3), outline.source, outline.largest], [25, null, 3]);
  outline.undo();
  assert.equal(outline.largest, null);
});

test("a polygon between pixel centres holds nothing and changes nothing", () => {
  const outline = new Outline("");
  outline.setPolygons(0, [SQUARE], SIZE);
  assert.equal(outline.setPolygons(0, [[[1.2, 1.2], [1.4, 1.2], [1.3, 1.4]]], SIZE), false);
  assert.deepEqual(outline.polygons(0), [SQUARE]);
});

test("vertices are moved, put in and taken away; the old polygon stays", () => {
  const old = structuredClone(SQUARE);
  assert.deepEqual(moveVertex([SQUARE], { polygon: 0, vertex: 1 }, [7, 1])[0][1], [7, 1]);
  assert.equal(insertVertex([SQUARE], { polygon: 0, vertex: 0 }, [4, 1])[0].length, 5);
  const three = deleteVertex([SQUARE], { polygon: 0, vertex: 0 });
  assert.deepEqual(three, [SQUARE.slice(1)]);
  assert.deepEqual(deleteVertex(three, { polygon: 0, vertex: 0 }), []);
  assert.deepEqual(SQUARE, old);
});

test("the nearest vertex goes before the nearest edge", () => {
  const at = ([x, y]) => [10 * x, 10 * y];
  assert.deepEqual(nearest([SQUARE], [6.2, 2.1], at, 9), {
    polygon: 0, vertex: 1, edge: false, distance: Math.hypot(62 - 60, 21 - 20),
  });
  assert.equal(nearest([SQUARE], [4, 6.3], at, 9).edge, true);
  assert.equal(nearest([SQUARE], [4, 6.3], at, 9).vertex, 2);
  assert.equal(nearest([SQUARE], [4, 4], at, 9), null);
});

test("runs begin outside", () => {
  assert.deepEqual(runLengths([0, 0, 1, 1, 1, 0]), [2, 3, 1]);
  assert.deepEqual(runLengths([1, 0]), [0, 1, 1]);
});

test("the first window holds the levels, whatever they are", () => {
  const ramp = Float64Array.from({ length: 1001 }, (_, i) => i);
  assert.deepEqual(firstWindow(ramp), { centre: 500, width: 980 });
  assert.deepEqual(firstWindow(new Float64Array(9).fill(7)), { centre: 7, width: 1 });
  assert.deepEqual(firstWindow(new Float64Array([NaN, NaN])), { centre: 0, width: 1 });
  assert.deepEqual([grey(0, { centre: 5, width: 10 }), grey(10, { centre: 5, width: 10 })], [0, 255]);
});

test("pixels have the shape that the patient has", () => {
  const slice = { rows: 100, columns: 100, spacing: [2, 1] };
  const { across, down } = scales(slice, { width: 400, height: 400 }, 1);
  assert.deepEqual([across, down], [2, 4]);
});

test("numbers with either decimal mark", () => {
  assert.deepEqual(readNumber("52,5"), { value: 52.5, comma: true });
  assert.deepEqual(readNumber(" \u22121.5e2 "), { value: -150, comma: false });
  assert.deepEqual(readNumber("1.234,5"), { error: "field_marks" });
  assert.deepEqual(readNumber("old"), { error: "field_not_number" });
  assert.deepEqual(readNumber(""), {});
  assert.equal(probabilityText(0.50004, 0.5), "0.50004");
});
