/**
 * Cases that the client and its model in Rust (`crates/lanai-client`) both must meet: what a person does, what is
 * sent, and what is shown then.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { $, FakeSocket, fire, startPage, tick, type } from "../test/page.ts";

interface Step {
  fire?: [selector: string, type: string, properties?: object];
  type?: [selector: string, value: string];
  check?: [selector: string, checked: boolean];
  tick?: number;
  receive?: unknown;
  sends: unknown[];
  shows?: { [selector: string]: string };
  checked?: { [selector: string]: boolean };
  has?: { [selector: string]: string };
}

const cases = JSON.parse(readFileSync("conformance/pages.json", "utf8"));

for (const { name, html, boot, steps } of cases as { name: string; html: string; boot: object; steps: Step[] }[]) {
  test(name, async () => {
    await startPage(html, boot);
    const socket = FakeSocket.last;
    socket.take();
    for (const step of steps) {
      if (step.fire) fire(...step.fire);
      if (step.type) type(...step.type);
      if (step.check) {
        const [selector, checked] = step.check;
        $(selector).checked = checked;
        fire(selector, "input");
        fire(selector, "change");
      }
      if (step.tick) tick(step.tick);
      if (step.receive) socket.receive(step.receive);
      const said = JSON.stringify(step);
      assert.deepEqual(socket.take(), step.sends, said);
      for (const [selector, value] of Object.entries(step.shows ?? {})) assert.equal($(selector).value, value, said);
      for (const [selector, checked] of Object.entries(step.checked ?? {})) assert.equal($(selector).checked, checked, said);
      for (const [selector, attribute] of Object.entries(step.has ?? {})) assert.ok($(selector).hasAttribute(attribute), said);
    }
  });
}
