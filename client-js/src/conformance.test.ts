import assert from "node:assert/strict";
import { test } from "node:test";
import { open } from "../test/page.ts";
import { type Case, runCase } from "./conformance.ts";

const CASE: Case = {
  html: '<!--lanai--><p data-l="">x</p><ul data-l="*1"><li data-l="">a</li></ul><!--/lanai-->',
  boot: { i: "7", s: "", t: [[[["class", "id", "@click", "*"], ["#"]]], [[["@click", "*"]]]] },
  steps: [
    {
      // The attributes are in a different order than in a fresh rendering.
      frame: '[0,4,"i",0,"c",-1,[1,[0,"<li data-l></li>"]],17,[{"1":[["b"]]}]]',
      expect: '<p class="c" id="i">x</p><ul><li>b</li><li>a</li></ul>',
      handlers: [0, 2, 1],
    },
  ],
};

function run(change: Partial<Case> | Partial<Case["steps"][0]>) {
  open();
  const one = structuredClone(CASE);
  Object.assign("html" in change || "boot" in change ? one : one.steps[0]!, change);
  return runCase(document, one);
}

test("a page that equals a fresh rendering has no mismatch", () => {
  assert.equal(run({}), undefined);
  assert.equal(document.body.innerHTML, "");
});

test("differences are found", () => {
  const what = (change: object) => run(change)?.what;
  assert.equal(what({ expect: '<p class="c" id="i">x</p><ul><li>b</li></ul>' }), "the HTML differs");
  assert.equal(what({ expect: '<p class="c" id="j">x</p><ul><li>b</li><li>a</li></ul>' }), "the HTML differs");
  assert.equal(what({ expect: '<p class="c" id="i">x</p><ul><li>b</li>a</ul>' }), "the HTML differs");
  assert.equal(what({ handlers: [0, 1, 2] }), "the handlers differ");
  assert.equal(what({ frame: '[0,400,"x"]' }), "the frame was refused");
  assert.equal(what({ html: "<!--lanai--><p>x</p><!--/lanai-->" }), "hydration failed");
});
