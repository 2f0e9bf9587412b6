// What people do to controls, forms and dialogs, in both engines. The views are in `tests/pages/src/controls.rs`.

import assert from "node:assert/strict";
import { everyEngine } from "./engines.mjs";

everyEngine("pages", (on) => {
  const at = (name, options) => on.open(`/controls/${name}`, options);

  // Checkboxes and radio buttons whose handlers take no payload.

  on.test("two pages agree on checkboxes and radio buttons, whoever clicks", async () => {
    const [alice, bob] = [await at("agree"), await at("agree")];
    const shown = (tab) => tab.evaluate(() => ["changed", "clicked", "red", "green", "blue"].map((id) => document.getElementById(id).checked));
    const agree = async (echo, checked) => {
      for (const tab of [alice, bob]) {
        await tab.shows("#echo", echo);
        await tab.settled();
        assert.deepEqual(await shown(tab), checked);
      }
    };
    const [changed, clicked, color] = (await alice.text("#echo")).split("|").map((word) => (word === "true" ? true : word === "false" ? false : Number(word)));
    // (Earlier tests have left state.)
    assert.deepEqual([changed, clicked, color], [false, false, 0]);
    await alice.click("#changed");
    await agree("true|false|0", [true, false, true, false, false]);
    await bob.click("#changed");
    await agree("false|false|0", [false, false, true, false, false]);
    await alice.click("#clicked");
    await bob.click("#clicked");
    await alice.click("#clicked");
    await agree("false|true|0", [false, true, true, false, false]);
    await alice.click("#blue");
    await agree("false|true|2", [false, true, false, false, true]);
    await bob.click("#green");
    await agree("false|true|1", [false, true, false, true, false]);
    await bob.press("ArrowUp", "#green");
    await bob.click("#clicked");
    await agree("false|false|0", [false, false, true, false, false]);
  });

  on.test("a change that the view refuses is undone on the page", async () => {
    const tab = await at("agree");
    let refused = 0;
    const undone = async () => {
      await tab.shows("#refused", ++refused);
      await tab.settled();
    };
    await tab.click("#never");
    await undone();
    assert.equal(await tab.checked("#never"), false);
    await tab.click("#other");
    await undone();
    assert.deepEqual([await tab.checked("#always"), await tab.checked("#other")], [true, false]);
    await tab.type("#bound", "!");
    await undone();
    await tab.holds("#bound", "fixed");
    // If the view renders no value, the visitor's value stays.
    await tab.type("#fixed", "!");
    await undone();
    assert.equal(await tab.value("#fixed"), "fixed!");
    await tab.select("#only", "b");
    await undone();
    assert.equal(await tab.value("#only"), "a");
  });

  // What the view writes while a person types.

  on.test("a patch writes the values that it changes, and leaves all others alone", async () => {
    const tab = await at("template");
    await tab.fill("#title", "typed");
    await tab.type("#free", "free");
    await tab.click("#unrelated");
    await tab.shows("#other", 1);
    assert.deepEqual([await tab.value("#title"), await tab.value("#free")], ["typed", "free"]);
    await tab.click("#template");
    await tab.holds("#title", "template");
    await tab.fill("#title", "typed again");
    // The view's value is the same as before, so there is nothing to change.
    await tab.click("#template");
    await tab.settled();
    assert.equal(await tab.value("#title"), "typed again");
    await tab.click("#clear");
    await tab.holds("#title", "");
    assert.equal(await tab.value("#free"), "free");
    await tab.fill("#title", "sent");
    await tab.click("#send");
    await tab.shows("#sent", "sent");
    await tab.settled();
    assert.equal(await tab.value("#title"), "sent");
  });

  on.test("text typed after a click is newer than the answer to the click", async () => {
    const line = await on.proxy({ latency: 150 });
    const tab = await on.open(`${line.url}/controls/template`);
    await tab.click("#template");
    await tab.fill("#title", "newer");
    await tab.settled();
    assert.equal(await tab.value("#title"), "newer");
  });

  on.test("any event from inside a form, or from a control that belongs to it, can reset it", async () => {
    const tab = await at("template");
    for (const button of ["#reset", "#outside"]) {
      await tab.fill("#title", "typed");
      await tab.type("#free", "free");
      await tab.click(button);
      await tab.holds("#free", "");
      await tab.holds("#title", "start");
    }
  });

  on.test("a reset clears an incomplete date and an incomplete number", async () => {
    const tab = await at("template");
    await tab.focus("#day");
    await tab.page.keyboard.type("01");
    await tab.focus("#amount");
    await tab.page.keyboard.type("1e");
    const bad = () => tab.evaluate(() => ["day", "amount"].map((id) => document.getElementById(id).validity.badInput));
    assert.deepEqual(await bad(), [true, true]);
    await tab.click("#reset");
    await tab.waitFor(() => ["day", "amount"].every((id) => !document.getElementById(id).validity.badInput));
  });

  on.test("a view can set a control's value, whatever was typed", async () => {
    const tab = await at("template");
    await tab.fill("#title", "typed");
    await tab.click("#set");
    await tab.holds("#title", "set");
    assert.equal(await tab.checked("#box"), true);
  });

  // Large texts.

  on.test("a megabyte of pasted text arrives, from an input and from a form", async () => {
    const tab = await at("large");
    const text = "0123456789 äöü 😀 ".repeat(60_000).slice(0, 999_990);
    const bytes = Buffer.byteLength(text);
    // (Chromium takes a minute for an `insertText` of this size, even on a page without scripts.)
    const paste = (selector) =>
      tab.evaluate((selector, text) => {
        const control = document.querySelector(selector);
        control.focus();
        control.value = text;
        control.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertFromPaste" }));
      }, selector, text);
    await paste("#typed");
    await tab.waitFor((bytes) => Math.abs(Number(document.querySelector("#sizes").textContent.split("|")[0]) - bytes) < 4, bytes);
    await paste("#text");
    await tab.click("#send");
    await tab.waitFor((bytes) => Math.abs(Number(document.querySelector("#sizes").textContent.split("|")[1]) - bytes) < 4, bytes);
    await tab.click("#click");
    await tab.waitFor(() => document.querySelector("#sizes").textContent.endsWith("|1"));
  });

  on.test("text that is too long to be sent stays, a message appears next to the control, and the page keeps working", async () => {
    const tab = await at("large");
    const text = "x".repeat(5_000_000);
    for (const [selector, send] of [["#typed", undefined], ["#text", "#send"]]) {
      await tab.evaluate((selector, text) => {
        const control = document.querySelector(selector);
        control.focus();
        control.value = text;
        control.dispatchEvent(new Event("input", { bubbles: true }));
      }, selector, text);
      if (send) await tab.click(send);
      await tab.waitFor((selector) => document.querySelector(selector).matches("[aria-invalid=true]:invalid"), selector);
      assert.match(await tab.evaluate((selector) => document.querySelector(selector).validationMessage, selector), /too long/);
      assert.equal(await tab.evaluate((selector) => document.querySelector(selector).value.length, selector), text.length);
    }
    await tab.click("#click");
    await tab.shows("#sizes", "0|0|1");
    await tab.fill("#typed", "short");
    await tab.shows("#sizes", "5|0|1");
    assert.equal(await tab.attribute("#typed", "aria-invalid"), null);
    assert.ok(tab.url().endsWith("/controls/large"));
  });

  // A page that is not live yet, or no longer live.

  on.test("actions before the client runs are recorded and executed, and the browser sends no form", async () => {
    // (The page finishes loading only after its client, which is not in the cache yet.)
    const tab = await on.open("/stats", { live: false });
    await tab.evaluate(() => void (location.href = "/controls/late"));
    await tab.element("#log");
    await tab.click("#click");
    await tab.type("#text", "early");
    await tab.click("#box");
    await tab.type("#user", "me");
    await tab.type("#password", "secret");
    await tab.click("#send");
    assert.equal(await tab.text("#log"), "");
    assert.equal(await tab.evaluate(() => location.href.slice(location.origin.length)), "/controls/late");
    await fetch(`${on.server.url}/controls/release`, { method: "POST" });
    await tab.live();
    await tab.shows("#log", "text early|box true|click|login me secret");
    await tab.click("#click");
    await tab.shows("#log", "text early|box true|click|login me secret|click");
    assert.equal(await tab.evaluate(() => location.href.slice(location.origin.length)), "/controls/late");
  });

  on.test("a form of a view that has ended is not sent, and the page says so", async () => {
    const tab = await at("late");
    await tab.click("#close");
    await tab.live("closed");
    await tab.type("#password", "secret");
    await tab.press("Enter");
    await tab.waitFor(() => /Reload/.test(document.querySelector(".lanai-notice")?.textContent));
    assert.ok(tab.url().endsWith("/controls/late"));
    assert.equal(await tab.value("#password"), "secret");
  });

  on.test("a page whose comments a proxy has removed says so", async () => {
    const tab = await at("minified", { live: false });
    await tab.waitFor(() => /comments/.test(document.querySelector(".lanai-notice")?.textContent));
    tab.errors.length = 0;
  });

  // Numbers, and several choices.

  on.test("typed numbers are not altered", async () => {
    const tab = await at("numbers");
    for (const field of ["#float", "#text"]) {
      await tab.page.$eval(field, (field) => field.select());
      await tab.focus(field);
      await tab.press("Control+A");
      for (const key of "1.05") {
        await tab.page.keyboard.type(key);
        await tab.settled();
      }
      assert.equal(await tab.value(field), "1.05");
      await tab.waitFor(() => document.querySelector("#echo").textContent.startsWith("1.05|"));
      await tab.press("Control+A");
      for (const key of "-0.50") {
        await tab.page.keyboard.type(key);
        await tab.settled();
      }
      assert.equal(await tab.value(field), "-0.50");
      await tab.waitFor(() => document.querySelector("#echo").textContent.startsWith("-0.5|"));
      // When it loses the focus, it shows the number as the view renders it.
      await tab.focus("#count");
      await tab.holds(field, "-0.5");
    }
  });

  on.test("a number field that a person clears before typing stays empty and marked as invalid", async () => {
    const tab = await at("numbers");
    await tab.focus("#count");
    await tab.press("End");
    await tab.press("Backspace");
    await tab.settled();
    assert.deepEqual([await tab.value("#count"), await tab.attribute("#count", "aria-invalid"), await tab.attribute("#count", "data-lanai-invalid")], ["", "true", ""]);
    await tab.page.keyboard.type("7");
    await tab.shows("#echo", "0|7|Some(3)|1|b");
    assert.deepEqual([await tab.value("#count"), await tab.attribute("#count", "aria-invalid")], ["7", null]);
    await tab.focus("#option");
    await tab.press("End");
    await tab.press("Backspace");
    await tab.shows("#echo", "0|7|None|1|b");
    assert.deepEqual([await tab.value("#option"), await tab.attribute("#option", "aria-invalid")], ["", null]);
  });

  on.test("a view learns that a text is not a number, and the text stays", async () => {
    const tab = await at("numbers");
    await tab.fill("#result", "twelve");
    await tab.shows("#error", "a whole number, please");
    await tab.settled();
    assert.deepEqual([await tab.value("#result"), await tab.attribute("#result", "aria-invalid")], ["twelve", "true"]);
    await tab.fill("#result", "12");
    await tab.shows("#error", "");
    assert.deepEqual([await tab.value("#result"), await tab.attribute("#result", "aria-invalid")], ["12", null]);
  });

  on.test("a `select multiple` sends all its chosen values", async () => {
    const tab = await at("numbers");
    await tab.select("#many", "a", "c");
    await tab.shows("#echo", "0|5|Some(3)|1|a,c");
    await tab.select("#many");
    await tab.shows("#echo", "0|5|Some(3)|1|");
    assert.deepEqual(await tab.value("#many"), []);
  });

  // Another instance.

  on.test("after a restart, controls keep what people entered, and the new view learns it", async () => {
    const first = await on.serve();
    const tab = await on.open(`${first.url}/controls/recover`);
    await tab.type("#story", "once upon a time");
    await tab.select("#kinds", "a", "c");
    await tab.click("#open");
    await tab.select("#color", "red");
    await tab.type("#free", "mine");
    await tab.shows("#echo", "once upon a time|a,c|true|red|0");
    await tab.settled();
    await first.kill();
    await tab.live("lost");
    await on.serve({ address: first.address });
    await tab.live();
    await tab.shows("#echo", "once upon a time|a,c|true|red|0");
    await tab.settled();
    const shown = async () => [await tab.value("#story"), await tab.value("#kinds"), await tab.checked("#open"), await tab.value("#color"), await tab.value("#free")];
    assert.deepEqual(await shown(), ["once upon a time", ["a", "c"], true, "red", "mine"]);
    assert.equal(await tab.text("#toggles"), "1");
    await tab.click("#clear");
    await tab.shows("#echo", "||false|all|1");
    assert.deepEqual(await shown(), ["", [], false, "all", "mine"]);
  });

  // Other programs change the page.

  /** Does what a translator does: wraps each text in elements. */
  const translate = (tab) =>
    tab.evaluate(() => {
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      const texts = [];
      while (walker.nextNode()) texts.push(walker.currentNode);
      for (const text of texts) {
        if (!text.data.trim() || text.parentNode.localName === "font") continue;
        const [outer, inner] = [document.createElement("font"), document.createElement("font")];
        text.replaceWith(outer);
        outer.append(inner);
        inner.append(`‹${text.data}›`);
      }
    });

  const plain = (tab) => tab.evaluate(() => ["#alone", "#among", "ul", "#bare", "#more"].map((selector) => document.querySelector(selector)?.textContent.replace(/[‹›]/g, "")));

  const dots = ".".repeat(5);

  for (const [name, change] of Object.entries({
    "a translator": translate,
    "one that splits texts": (tab) =>
      tab.evaluate(() => {
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        const texts = [];
        while (walker.nextNode()) texts.push(walker.currentNode);
        for (const text of texts) if (text.length > 2) text.splitText(2);
      }),
    "one that puts texts together": (tab) => tab.evaluate(() => document.body.normalize()),
    "one that writes into texts": (tab) =>
      tab.evaluate(() => {
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) if (walker.currentNode.data.trim()) walker.currentNode.data = `‹${walker.currentNode.data}›`;
      }),
    "one that takes comments out": (tab) =>
      tab.evaluate(() => {
        const walker = document.createTreeWalker(document.querySelector("#among").parentNode, NodeFilter.SHOW_COMMENT);
        const comments = [];
        while (walker.nextNode()) if (!/lanai/.test(walker.currentNode.data)) comments.push(walker.currentNode);
        for (const comment of comments) comment.remove();
      }),
    "one that takes elements out": (tab) => tab.evaluate(() => document.querySelectorAll("#alone, #among b, li:nth-child(2)").forEach((element) => element.remove())),
  })) {
    on.test(`a page that ${name} has changed keeps working`, async () => {
      const tab = await at("saving");
      for (let round = 1; round <= 5; round += 1) {
        await change(tab);
        await tab.click("#dot");
        await tab.settled();
        // (The page is rendered again where necessary.)
        if (!/elements/.test(name)) await tab.waitFor((round) => document.querySelector("#among b")?.textContent.replace(/[‹›]/g, "") === `${round}`, round);
      }
      await change(tab);
      await tab.click("#row");
      if (!/elements/.test(name)) await tab.has("li", 4);
      await tab.click("#turn");
      await tab.settled();
      await change(tab);
      await tab.click("#less");
      await tab.settled();
      if (!/elements/.test(name)) await tab.has("li", 3);
      const [alone, among, rows, , more] = await plain(tab);
      if (alone) assert.equal(alone?.replace(/ /g, ""), `Saving${dots}`);
      assert.match(among.replace(/ /g, ""), new RegExp(`^Itissaving\\.{5},5?times$`));
      assert.match(more.replace(/ /g, ""), /^more5$/);
      if (!/elements/.test(name)) assert.equal(rows.replace(/ /g, ""), "row3row2row1");
      assert.equal(await tab.attribute("html", "data-lanai-connection"), "open");
      // A page whose DOM is not what it should be logs that, and is rendered again as a whole.
      if (/out$/.test(name)) tab.errors.length = 0;
    });
  }

  // Dialogs and details.

  on.test("a view opens and closes a dialog, modal or not, and the focus returns", async () => {
    const tab = await at("dialogs");
    const inert = () => tab.evaluate(() => document.elementFromPoint(5, 5) === null || document.querySelector("dialog:modal") !== null);
    await tab.click("#open-plain");
    await tab.waitFor(() => document.querySelector("#plain").open);
    assert.equal(await inert(), false);
    await tab.click("#inner-close");
    await tab.waitFor(() => !document.querySelector("#plain").open);
    await tab.click("#open-modal");
    await tab.waitFor(() => !!document.querySelector("#modal:modal"));
    assert.equal(await tab.focused(), "name");
    await tab.click("#close-modal");
    await tab.waitFor(() => !document.querySelector("#modal").open);
    assert.equal(await inert(), false);
    assert.equal(await tab.focused(), "open-modal");
    // The person closes it, and the view learns that.
    await tab.click("#open-modal");
    await tab.waitFor(() => !!document.querySelector("#modal:modal"));
    await tab.press("Escape");
    await tab.shows("#echo", "false|false|0|1|");
    await tab.click("#open-modal");
    await tab.waitFor(() => !!document.querySelector("#modal:modal"));
    await tab.press("Escape");
    await tab.shows("#echo", "false|false|0|2|");
    // A dialog that a script has made modal is no longer modal after the view closes it.
    await tab.click("#open-plain");
    await tab.waitFor(() => document.querySelector("#plain").open);
    await tab.evaluate(() => {
      document.querySelector("#plain").close();
      document.querySelector("#plain").showModal();
    });
    await tab.click("#inner-close");
    await tab.waitFor(() => !document.querySelector("#plain").open);
    await tab.click("#flip");
    await tab.waitFor(() => document.querySelector("#details").open);
  });

  on.test("a modal dialog in inserted markup is modal, and returns the focus when it is removed", async () => {
    const tab = await at("dialogs");
    for (let round = 0; round < 2; round += 1) {
      await tab.click("#insert");
      await tab.waitFor(() => !!document.querySelector("#inserted:modal"));
      assert.equal(await tab.focused(), "remove");
      await tab.press("Enter");
      await tab.waitFor(() => !document.querySelector("#inserted"));
      await tab.waitFor(() => document.activeElement.id === "insert");
    }
  });

  on.test("a form whose `method` is `dialog` closes the dialog and reaches its handler; other forms do not close it", async () => {
    const tab = await at("dialogs");
    await tab.click("#open-modal");
    await tab.waitFor(() => !!document.querySelector("#modal:modal"));
    await tab.click("#keep");
    await tab.shows("#echo", "false|true|0|0|kept other");
    assert.ok(await tab.evaluate(() => document.querySelector("#modal").open));
    await tab.type("#name", "Ann");
    await tab.press("Enter");
    await tab.shows("#echo", "false|false|0|1|kept other,Ann");
    assert.ok(await tab.evaluate(() => !document.querySelector("#modal").open));
  });

  on.test("the view toggles details once, and a person's toggle is sent once", async () => {
    const tab = await at("dialogs");
    for (let flip = 0; flip < 3; flip += 1) await tab.click("#flip");
    await tab.waitFor(() => document.querySelector("#details").open);
    await tab.click("#field");
    await tab.element("#field0");
    assert.equal(await tab.text("#echo"), "false|false|0|0|");
    await tab.click("#details summary");
    await tab.shows("#echo", "false|false|1|0|");
    await tab.click("#details summary");
    await tab.shows("#echo", "false|false|2|0|");
    await tab.settled();
    assert.equal(await tab.evaluate(() => document.querySelector("#details").open), true);
  });

  on.test("inserted markup with `autofocus` gets the focus", async () => {
    const tab = await at("dialogs");
    for (let field = 0; field < 3; field += 1) {
      await tab.click("#field");
      await tab.waitFor((id) => document.activeElement.id === id, `field${field}`);
    }
  });

  // Raw HTML.

  on.test("raw HTML never affects what is around it", async () => {
    const tab = await at("raw");
    await tab.waitFor(() => !!document.querySelector("#paragraph #block"));
    const broken = () =>
      tab.evaluate(() =>
        [...document.querySelectorAll("section")]
          .map((section, index) => [index, [...section.children].map((child) => `${child.localName}.${child.className}`).join(), section.lastElementChild.textContent])
          .filter(([, children, after]) => children !== "p.before,div.,p.after" || !after.startsWith("after ")),
      );
    assert.deepEqual(await broken(), []);
    for (let round = 1; round <= 20; round += 1) {
      await tab.click("#next");
      await tab.shows("#patched .after", `after ${round}`);
      assert.deepEqual(await broken(), []);
    }
    assert.equal(await tab.evaluate(() => document.querySelector("#paragraph").textContent), "in block after 20");
    await tab.click("#click");
    await tab.shows("#clicks", 1);
    // The parser moved the block out of the paragraph: the page was rendered again, and logged that.
    tab.errors.length = 0;
  });
});

everyEngine(
  "pages",
  (on) => {
    on.test("after Back, the values that the browser restores reach the view", async () => {
      const tab = await on.open("/controls/recover");
      await tab.click("#open");
      await tab.select("#color", "red");
      await tab.type("#story", "a story");
      await tab.shows("#echo", "a story||true|red|0");
      await tab.click("#away");
      await tab.element("#template");
      await tab.back();
      await tab.waitFor(() => {
        const [story, , open, color] = document.querySelector("#echo").textContent.split("|");
        const checked = document.querySelector("#open").checked;
        return story === document.querySelector("#story").value && open === `${checked}` && color === document.querySelector("#color").value;
      });
      await tab.click("#clear");
      await tab.shows("#echo", "||false|all|1");
      await tab.settled();
      assert.deepEqual([await tab.checked("#open"), await tab.value("#color"), await tab.value("#story")], [false, "all", ""]);
    });
  },
  { bfcache: false },
);
