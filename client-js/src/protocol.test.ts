import assert from "node:assert/strict";
import { test } from "node:test";
import { answerMessage, attachMessage, type Boot, buildOf, channelHandler, childMessage, eventMessage, SlotKind, neededBy, parseEvent, parseRuns, partsOf, parseSlot, read } from "./protocol.ts";

test("slots by their first letter", () => {
  const kinds: [string | number, SlotKind, string][] = [
    ["class", SlotKind.Attribute, "class"],
    ["?hidden", SlotKind.Boolean, "hidden"],
    [".value", SlotKind.Property, "value"],
    ["!checked", SlotKind.BooleanProperty, "checked"],
    ["*", SlotKind.Node, ""],
    ["#", SlotKind.List, ""],
    ["$", SlotKind.Text, ""],
    [0, SlotKind.Node, ""],
    [1, SlotKind.List, ""],
  ];
  for (const [entry, kind, text] of kinds) {
    const slot = parseSlot(entry);
    assert.deepEqual([slot._kind, slot._name], [kind, text], `${entry}`);
    assert.equal(slot._isOnly, typeof entry == "string");
  }
  assert.equal(parseSlot("@click")._kind, SlotKind.Event);
});

test("events with and without their parts", () => {
  const none = { _payload: undefined, _options: {}, _commands: undefined };
  assert.deepEqual(parseEvent("@click"), { ...none, _type: "click", _payload: "" });
  assert.deepEqual(parseEvent(["click"]), { ...none, _type: "click" });
  assert.deepEqual(parseEvent(["input", "v"]), { ...none, _type: "input", _payload: "v" });
  const options = { d: 300, o: 1, k: ["Enter", "|"] } as const;
  assert.deepEqual(parseEvent(["keydown", "key", { ...options, k: [...options.k] }]), { ...none, _type: "keydown", _payload: "key", _options: options });
  assert.equal(parseSlot(["input", "v"])._kind, SlotKind.Event);
  const { _payload: payload, _options: no, _commands: commands } = parseEvent(["click", null, 0, [[["hide", "#menu"]]]]);
  assert.equal(payload, null);
  assert.equal(no.d, undefined);
  assert.deepEqual(commands, [[["hide", "#menu"]]]);
});

test("the build of a script", () => {
  assert.equal(buildOf("http://localhost/app/_lanai/client-0123456789abcdef.js"), "0123456789abcdef");
  assert.equal(buildOf("http://localhost/client.js"), "");
});

test("the parts that a message needs", () => {
  const needed = (message: unknown) => neededBy(message);
  assert.equal(needed([17, -14, 3, 0, "a"]), 3);
  assert.equal(needed(["7", 17, -14, 1, 0, "a"]), 1);
  assert.equal(needed({ note: [17, -14, 1, -6, "<form>"], of: "7" }), 1);
  for (const message of [[], [17], [17, 0, "a", -14, 3], ["7", 17], { attached: 1 }]) assert.equal(needed(message), 0);
});

test("runs of rows", () => {
  assert.deepEqual(parseRuns("*"), []);
  assert.deepEqual(parseRuns("*13"), [[13, Infinity]]);
  assert.deepEqual(parseRuns("*3x5,17x2"), [[3, 5], [17, 2]]);
});

test("messages to the server, byte for byte", () => {
  assert.equal(attachMessage({ i: "7", s: "secret" } as Boot, "page", 3, "b"), '["7","secret","page",3,4,"b"]');
  const click = { _number: 17, _handler: 3, _payload: "", _frames: 16 };
  assert.deepEqual(partsOf("short"), ["short"]);
  const long = "a".repeat(15_999) + "😀" + "~!".repeat(20_000);
  const parts = partsOf(long);
  assert.deepEqual(parts.map((part) => part[0]), ["~", "~", "~", "!"]);
  assert.equal(parts.map((part) => part.slice(1)).join(""), long);
  assert.ok(parts.every((part) => part.length <= 16_001 && !/[\ud800-\udbff]$/.test(part)));
  assert.equal(eventMessage(click), "[17,16,3]");
  assert.equal(eventMessage({ ...click, _payload: '"a"' }), '[17,16,3,"a"]');
  assert.equal(eventMessage({ ...click, _handler: channelHandler("a", "b"), _payload: "1,2" }), '[17,16,"a","b",1,2]');
  assert.equal(answerMessage(3, ["a"], undefined), '{"answer":[3,"a"]}');
  // For a child.
  const ofChild = (text: string) => childMessage(text, "8", 17);
  assert.equal(ofChild(attachMessage({ i: "8", s: "secret" } as Boot, "page", 3, "b")), '["8","attach",3,17]');
  assert.equal(ofChild(eventMessage(click)), '["8",17,16,3]');
  assert.equal(ofChild("16"), '["8",16]');
  assert.equal(answerMessage(3, [0, "gone"], "8"), '{"answer":[3,0,"gone"],"of":"8"}');
});

test("messages from the server", () => {
  const heard: unknown[] = [];
  const hear = (name: string) => (...args: unknown[]) => void heard.push([name, ...args]);
  const session = { _receiveFrame: hear("frame"), _attached: hear("attached") };
  const page = { _remount: hear("gone"), _reload: hear("reload"), _end: hear("refused") };
  for (const text of ['[17,0,"3"]', "[17]", "[]", '{"attached":0}', '{"gone":"over"}', '{"reload":"new"}', '{"refused":"no"}']) read(JSON.parse(text), session, page);
  assert.deepEqual(heard, [
    ["frame", 17, [0, "3"]],
    ["frame", 17, []],
    ["attached", 0],
    ["gone"],
    ["reload"],
    ["refused", "no"],
  ]);
  assert.throws(() => read(3, session, page));
});
