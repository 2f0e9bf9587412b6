// What a page must do in every engine: counting, chatting, rows, typing, lost connections, restarts, Back.

import assert from "node:assert/strict";
import { everyEngine } from "./engines.mjs";

const button = (name) => `::-p-aria([name="${name}"][role="button"])`;

everyEngine("gallery", (on) => {
  on.test("clicks count, and the first HTML has the state already", async () => {
    const html = await (await fetch(`${on.server.url}/counter`)).text();
    assert.match(html, /id="count"[^>]*>0</);
    const tab = await on.open("/counter");
    await tab.click(button("+1"));
    await tab.click(button("+1"));
    await tab.click(button("-1"));
    await tab.shows("#count", 1);
    await tab.picture("counter");
  });

  on.test("Alice and Bob see each message once, in order, as text", async () => {
    const alice = await on.open("/chat/Alice");
    const bob = await on.open("/chat/Bob");
    const box = 'input[name="text"]';
    await alice.fill(box, "Hello <b>Bob</b>");
    await alice.click(button("Send"));
    await bob.has("#messages p", 1);
    await bob.fill(box, "Hello Alice");
    await bob.press("Enter");
    await alice.has("#messages p", 2);
    await bob.holds(box, "");
    assert.equal(await bob.evaluate(() => document.activeElement.name), "text");
    for (const tab of [alice, bob]) assert.deepEqual(await tab.texts("#messages p"), ["Alice: Hello <b>Bob</b>", "Bob: Hello Alice"]);
  });
});
