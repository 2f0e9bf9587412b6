// Bugs that people have reported in comparable frameworks, tested in both engines. Each title says what is correct.
// The numbers in parentheses are those of the reports; the views are in `tests/pages/src/reports.rs`.

import assert from "node:assert/strict";
import { everyEngine } from "./engines.mjs";

everyEngine("pages", (on) => {
  const at = (name, options) => on.open(`/reports/${name}`, options);
  const slow = async (name, latency = 120) => {
    const line = await on.proxy({ latency });
    return on.open(`${line.url}/reports/${name}`);
  };
  /** Waits until the view has changed the page this many times by itself. */
  const ticks = async (tab, count = 8) => {
    const before = Number(await tab.text("#ticks"));
    await tab.waitFor((least) => Number(document.querySelector("#ticks").textContent) >= least, before + count);
  };

  // Controls that no one has touched.

  on.test("a value that the browser corrects or chooses itself is not an edit (LiveView 2090, React 7170)", async () => {
    const tab = await at("untouched");
    await ticks(tab);
    assert.equal(await tab.text("#heard"), "");
    await tab.click("#click");
    await tab.shows("#heard", "click");
    await ticks(tab);
    assert.equal(await tab.text("#heard"), "click");
    assert.equal(await tab.count("[data-lanai-invalid]"), 0);
  });

  on.test("nor is it one after a restart, or after Back (LiveView 2090)", async () => {
    const first = await on.serve();
    const tab = await on.open(`${first.url}/reports/untouched`);
    await ticks(tab);
    await first.kill();
    await tab.live("lost");
    await on.serve({ address: first.address });
    await tab.live();
    await ticks(tab);
    assert.equal(await tab.text("#heard"), "");
    await tab.goto(`${first.url}/reports/reset`);
    await tab.back();
    await ticks(tab);
    assert.equal(await tab.text("#heard"), "");
  });

  on.test("a first choice from a list with a placeholder is sent (Livewire 1851, LiveView 160)", async () => {
    const tab = await at("untouched");
    await tab.press("ArrowDown", "#placeholder");
    await tab.press("Tab");
    await tab.shows("#heard", "placeholder b");
    assert.equal(await tab.value("#placeholder"), "b");
  });

  // The browser's own reset.

  on.test("after the browser's own reset, page and server agree (phoenix_test 96, flop_phoenix 339)", async () => {
    const tab = await at("reset");
    await tab.type("#free", "abc");
    await tab.type("#held", "xyz");
    await tab.shows("#echo", "abc|xyz");
    await tab.settled();
    await tab.click("#reset");
    await tab.shows("#resets", 1);
    await tab.settled();
    await tab.waitFor(() => document.querySelector("#echo").textContent === `${document.querySelector("#free").value}|${document.querySelector("#held").value}`);
    assert.equal(await tab.value("#free"), "");
  });

  // Sliders and kinds of input.

  on.test("a slider gets its value in whatever order value, type and limits are set (React 7170, Inferno 999)", async () => {
    const tab = await at("range");
    assert.equal(await tab.value("#there"), "5");
    await tab.press("ArrowRight", "#there");
    await tab.settled();
    await tab.click("#widen");
    await tab.element("#inserted");
    await tab.holds("#there", 500);
    assert.deepEqual([await tab.value("#inserted"), await tab.value("#typeless")], ["500", "500"]);
  });

  on.test("a password keeps its text, caret and focus when it is revealed (React 4191)", async () => {
    const tab = await at("password");
    for (const field of ["#free", "#held"]) {
      await tab.type(field, "secret");
      await tab.press("ArrowLeft");
      const before = await tab.text("#shown");
      await tab.press("F2");
      await tab.waitFor((before) => document.querySelector("#shown").textContent !== before, before);
      await tab.page.keyboard.type("!");
      await tab.settled();
      assert.deepEqual([await tab.value(field), await tab.focused()], ["secre!t", field.slice(1)]);
    }
    await tab.press("Enter");
    await tab.shows("#secret", "secre!t/secre!t");
  });

  // Radio buttons.

  on.test("radio buttons that are reused for another question show its answer (React 7630)", async () => {
    const tab = await at("radios");
    const chosen = () => tab.evaluate(() => [...document.querySelectorAll("label input")].findIndex((radio) => radio.checked));
    assert.equal(await chosen(), 2);
    await tab.click("label:nth-of-type(1) input");
    await tab.shows("#echo", "0|0|1");
    await tab.click("#turn");
    await tab.shows("#echo", "1|0|1");
    assert.equal(await chosen(), 1);
    await tab.click("label:nth-of-type(3) input");
    await tab.shows("#echo", "1|0|2");
    await tab.click("#turn");
    await tab.shows("#echo", "0|0|2");
    assert.equal(await chosen(), 0);
  });

  on.test("two groups of radio buttons exchange their names, and each keeps its choice (React 7630)", async () => {
    const tab = await at("radios");
    const chosen = () => tab.page.$$eval("fieldset input", (all) => all.map((radio) => radio.checked));
    assert.deepEqual(await chosen(), [true, false, true, false]);
    await tab.click("#turn");
    await tab.shows("#echo", "1|2|1");
    assert.deepEqual(await chosen(), [true, false, true, false]);
    await tab.click("fieldset:nth-of-type(2) input:nth-of-type(2)");
    assert.deepEqual(await chosen(), [true, false, false, true]);
    await tab.click("#turn");
    await tab.shows("#echo", "0|2|1");
    assert.deepEqual(await chosen(), [true, false, false, true]);
  });

  // Typing that is faster than the server.

  on.test("at a high latency, a slider moved by keys does not jump back (Blazorise 1134, fluentui-blazor 1718)", async () => {
    const tab = await slow("keys");
    await tab.focus("#level");
    const seen = [];
    for (let key = 0; key < 12; key += 1) {
      await tab.press("ArrowRight");
      seen.push(Number(await tab.value("#level")));
    }
    assert.deepEqual(seen, Array.from({ length: 12 }, (_, index) => 51 + index));
    await tab.shows("#echo", "62|0|0|false|");
    assert.equal(await tab.value("#level"), "62");
  });

  on.test("at a high latency, arrow keys in a list and in a group of radio buttons end where the person stopped (Flux 173, 438, LiveView 1883)", async () => {
    const tab = await slow("keys");
    await tab.focus("#choice");
    for (let key = 0; key < 4; key += 1) await tab.press("ArrowDown");
    await tab.focus("#place0");
    for (let key = 0; key < 3; key += 1) await tab.press("ArrowDown");
    await tab.shows("#echo", "50|4|3|false|");
    await tab.settled();
    await ticks(tab);
    assert.equal(await tab.value("#choice"), "4");
    assert.deepEqual([await tab.checked("#place3"), await tab.focused()], [true, "place3"]);
  });

  on.test("at a high latency, a checkbox that is clicked five times is checked on page and server (htmx 4030)", async () => {
    const tab = await slow("keys");
    for (let click = 0; click < 5; click += 1) await tab.click("#flag");
    assert.equal(await tab.checked("#flag"), true);
    await tab.shows("#echo", "50|0|0|true|");
    await tab.settled();
    await ticks(tab);
    assert.equal(await tab.checked("#flag"), true);
  });

  on.test("an incomplete date stays while the page changes (react-day-picker 1058)", async () => {
    const tab = await at("keys");
    await tab.focus("#date");
    await tab.page.keyboard.type("0102");
    await ticks(tab);
    await tab.page.keyboard.type("2024");
    await tab.waitFor(() => document.querySelector("#date").value === "2024-01-02");
    await tab.shows("#echo", "50|0|0|false|2024-01-02");
  });

  // Rows that move.

  on.test("a person can keep typing in a row that moves constantly (LiveView 938, 3448)", async () => {
    const tab = await at("rows");
    await tab.click("#turn");
    await tab.type("#text2", "typed while it moves", { delay: 15 });
    assert.deepEqual([await tab.value("#text2"), await tab.focused()], ["typed while it moves", "text2"]);
    await tab.waitFor(() => document.querySelector("#echo").textContent.includes(",typed while it moves,"));
    assert.ok(Number(await tab.text("#rounds")) > 5);
  });

  on.test("composition continues in a row that moves (Blazor 8204, blazorblueprint 414)", async () => {
    const tab = await at("rows");
    await tab.focus("#text0");
    await tab.compose("に");
    const turned = await tab.text("#rounds");
    await tab.evaluate(() => document.querySelector("#reverse").click());
    await tab.waitFor((turned) => document.querySelector("#rounds").textContent !== turned, turned);
    await tab.compose("にほ");
    await tab.commit("日本");
    await tab.holds("#text0", "日本");
    await tab.waitFor(() => document.querySelector("#echo").textContent.endsWith("|日本,,,,,"));
  });

  on.test("iframes and scroll positions are kept when rows move (React 858)", async () => {
    const tab = await at("rows");
    await tab.evaluate(() => {
      for (const frame of document.querySelectorAll("iframe")) frame.contentWindow.mark = frame.id;
      for (const pre of document.querySelectorAll("pre")) {
        // A strict policy lets scripts set styles, but not markup.
        pre.style.height = "40px";
        pre.style.overflow = "auto";
        pre.scrollTop = 20;
      }
    });
    for (let round = 1; round <= 3; round += 1) {
      await tab.click("#reverse");
      await tab.shows("#rounds", round);
    }
    assert.deepEqual(await tab.page.$$eval("pre", (all) => all.map((pre) => pre.scrollTop)), Array(6).fill(20));
    assert.deepEqual(await tab.page.$$eval("iframe", (all) => all.map((frame) => frame.contentWindow.mark === frame.id)), Array(6).fill(true));
  });

  on.test("at a high latency, an impatient double click removes one row and nothing else (LiveView 5)", async () => {
    const tab = await slow("rows", 200);
    let loads = 0;
    tab.page.on("load", () => (loads += 1));
    for (const row of [1, 2, 3, 4]) {
      await tab.click(`#remove${row}`, { count: 2 });
      await tab.waitFor((row) => !document.querySelector(`#remove${row}`), row);
    }
    await tab.settled();
    await tab.type("#text5", "live");
    await tab.shows("#echo", "0,5|,,,,,live");
    assert.equal(loads, 0, "no reload");
  });

  // Clicks.

  /** Presses a button, waits until the page has changed, and releases the button. */
  const pressSlowly = async (tab, selector) => {
    const { x, y } = await (await tab.element(selector)).clickablePoint();
    await tab.page.mouse.move(x, y);
    await tab.page.mouse.down();
    await ticks(tab, 4);
    await tab.page.mouse.up();
  };

  on.test("a click counts even if the button's text changes while it is pressed (React 4210)", async () => {
    const tab = await at("button");
    for (let click = 1; click <= 3; click += 1) {
      await pressSlowly(tab, "#counting");
      await tab.shows("#clicks", click);
    }
    for (const [index, button] of ["#counting", "#changing"].entries()) {
      await tab.focus(button);
      await tab.page.keyboard.down(" ");
      await ticks(tab, 4);
      await tab.page.keyboard.up(" ");
      await tab.shows("#clicks", 4 + index);
    }
  });

  on.test("a click counts even if the element under the pointer is replaced while the button is pressed (React 20282, LiveView 622)", async () => {
    const tab = await at("button");
    for (let click = 1; click <= 3; click += 1) {
      await pressSlowly(tab, "#changing");
      await tab.shows("#clicks", click);
    }
  });

  on.test("a click counts even if everything is replaced while the button is pressed", async () => {
    const tab = await at("button");
    for (const [index, selector] of ["#counting", "#changing"].entries()) {
      const { x, y } = await (await tab.element(selector)).clickablePoint();
      await tab.page.mouse.move(x, y);
      await tab.page.mouse.down();
      await tab.evaluate((selector) => {
        globalThis.pressed = document.querySelector(selector);
        // The next message cannot be applied, so the page asks for everything.
        const { parse } = JSON;
        JSON.parse = () => ((JSON.parse = parse), [0, 1e9, "broken"]);
      }, selector);
      await tab.waitFor((selector) => !globalThis.pressed.isConnected && !!document.querySelector(selector), selector);
      await tab.page.mouse.up();
      await tab.shows("#clicks", index + 1);
      // What the person does next counts once, as always.
      tab.errors = tab.errors.filter((error) => !error.startsWith("lanai "));
    }
    await tab.click("#changing");
    await tab.shows("#clicks", 3);
  });

  on.test("a press that ends elsewhere is not a click (LiveView 3363)", async () => {
    const tab = await at("button");
    const [from, to] = [await (await tab.element("#counting")).clickablePoint(), await (await tab.element("#end")).clickablePoint()];
    await tab.page.mouse.move(from.x, from.y);
    await tab.page.mouse.down();
    await tab.page.mouse.move(to.x, to.y);
    await ticks(tab, 4);
    await tab.page.mouse.up();
    await ticks(tab);
    assert.equal(await tab.text("#clicks"), "0");
    await tab.click("#counting");
    await tab.shows("#clicks", 1);
  });

  on.test("a click on a button counts even if it blurs a field, and the answer to that arrives in between (React 4210)", async () => {
    const tab = await at("button");
    await tab.type("#field", "x");
    const { x, y } = await (await tab.element("#afterBlur")).clickablePoint();
    await tab.page.mouse.move(x, y);
    await tab.page.mouse.down();
    await tab.waitFor(() => document.querySelector("#moved").textContent === "false|1");
    await tab.page.mouse.up();
    await tab.shows("#moved", "true|1");
  });

  on.test("disabled elements and their content get no clicks, but a link in a disabled fieldset does (React 7711, 8826, 27501)", async () => {
    const tab = await at("button");
    for (const id of ["#inDisabled", "#inside"]) {
      const box = await (await tab.element(id)).boundingBox();
      await tab.page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    }
    await tab.evaluate(() => ["#disabled", "#inDisabled", "#inFieldset", "#inside"].forEach((id) => document.querySelector(id).click()));
    await tab.click("#linkInFieldset");
    await tab.shows("#counts", "0|1");
    assert.ok(tab.url().endsWith("/reports/button"));
  });

  on.test("after a link to a fragment and Back, the page is live and has its state (Turbo 762, 1125)", async () => {
    const tab = await at("button");
    await tab.click("#changing");
    await tab.shows("#clicks", 1);
    await tab.click("#hash");
    await tab.waitFor(() => location.hash === "#end");
    await tab.click("#changing");
    await tab.shows("#clicks", 2);
    await tab.evaluate(() => history.back());
    await tab.waitFor(() => location.hash === "");
    await tab.click("#changing");
    await tab.shows("#clicks", 3);
  });

  on.test("Ctrl and a click on a link with a handler open it in a new tab (htmx 721, 2469)", async () => {
    const tab = await at("button");
    const opened = new Promise((resolve) => on.browser.once("targetcreated", resolve));
    await tab.page.keyboard.down("Control");
    await tab.click("#newTab");
    await tab.page.keyboard.up("Control");
    await Promise.race([opened, new Promise((_, reject) => setTimeout(reject, 5_000, new Error("no new tab was opened")))]);
    assert.equal(await tab.text("#counts"), "0|0");
  });

  // Elements that a visitor has opened.

  on.test("details, a menu and a dialog that the visitor has opened stay open while their content changes (LiveView 3741, 2349, 2287, Turbo 1239)", async () => {
    const tab = await at("opened");
    await tab.click("#outer > summary");
    await tab.click("#inner > summary");
    await ticks(tab);
    assert.deepEqual(await tab.page.$$eval("#outer, #inner", (all) => all.map((one) => one.open)), [true, true]);
    await tab.click("#openPopover");
    await tab.type("#inMenu", "typed");
    await ticks(tab);
    assert.deepEqual([await tab.evaluate(() => document.querySelector("#menu").matches(":popover-open")), await tab.value("#inMenu"), await tab.focused()], [true, "typed", "inMenu"]);
    await tab.press("Escape");
    await tab.evaluate(() => document.querySelector("#theirs").showModal());
    await tab.click("#agree");
    await tab.waitFor(() => document.querySelector("#other").disabled);
    await ticks(tab);
    assert.ok(await tab.evaluate(() => document.querySelector("#theirs").matches(":modal")));
  });

  on.test("with exclusive details, one that the browser closes because of a patch is not a person's click (LiveView 2349, salad_ui 59)", async () => {
    const tab = await at("opened");
    const open = () => tab.page.$$eval("details[name=parts]", (all) => all.map((one) => one.open));
    for (let round = 1; round <= 4; round += 1) {
      await tab.click("#next");
      await tab.waitFor((part) => document.querySelectorAll("details[name=parts]")[part].open, round % 3);
      await ticks(tab);
    }
    assert.deepEqual(await open(), [false, true, false]);
    assert.equal(await tab.text("#toggles"), "0");
    // A click of a person opens one and closes another.
    await tab.click("details[name=parts]:nth-of-type(4) > summary");
    await tab.waitFor(() => Number(document.querySelector("#toggles").textContent) > 0);
  });

  on.test("a dialog that was closed with Escape opens again, any number of times (MudBlazor 11502, Radzen 932)", async () => {
    const tab = await at("opened");
    for (let round = 1; round <= 3; round += 1) {
      await tab.click("#open");
      await tab.waitFor(() => document.querySelector("#ours").matches(":modal"));
      await tab.press("Escape");
      await tab.shows("#echo", `false|${round}`);
      assert.deepEqual([await tab.evaluate(() => document.querySelector("#ours").open), await tab.focused()], [false, "open"]);
    }
    await tab.click("#open");
    await tab.waitFor(() => document.querySelector("#ours").matches(":modal"));
    await tab.click("#close");
    await tab.waitFor(() => !document.querySelector("#ours").open);
    await tab.click("#open");
    await tab.waitFor(() => document.querySelector("#ours").matches(":modal"));
  });

  // Lists of choices.

  on.test("a new list of options starts with the server's choice (LiveView 2787, 420, Blazor 12905)", async () => {
    const tab = await at("select");
    await tab.select("#city", "Nice");
    await tab.shows("#echo", "fr|Nice|20");
    await tab.select("#country", "de");
    await tab.shows("#echo", "de||20");
    await tab.settled();
    assert.equal(await tab.value("#city"), "");
    await tab.select("#city", "Hamburg");
    await tab.shows("#echo", "de|Hamburg|20");
    await tab.select("#country", "fr");
    await tab.shows("#echo", "fr||20");
    assert.equal(await tab.value("#city"), "");
  });

  on.test("an option whose text changes when it is selected stays selected (Livewire 1810, 2974)", async () => {
    const tab = await at("select");
    await tab.press("ArrowDown", "#page");
    await tab.press("Tab");
    await tab.shows("#echo", "fr||50");
    await tab.settled();
    assert.equal(await tab.value("#page"), "50");
    assert.equal(await tab.evaluate(() => document.querySelector("#page").selectedOptions[0].textContent), "Elements 1 to 50");
  });

  on.test("at a high latency, several options of a list are selected with Control and clicks (Livewire 8027)", async () => {
    const tab = await slow("select", 150);
    await tab.click("#tags option[value=a]");
    await tab.page.keyboard.down("Control");
    await tab.click("#tags option[value=c]");
    await tab.click("#tags option[value=d]");
    await tab.page.keyboard.up("Control");
    await tab.shows("#chosen", "a,c,d");
    await tab.settled();
    assert.deepEqual(await tab.value("#tags"), ["a", "c", "d"]);
  });

  // Submitting.

  on.test("at a high latency, a handler of the whole form controls one field and leaves the other to the person (LiveView 1037, 221)", async () => {
    const tab = await slow("submit", 150);
    await tab.type("#free", "my own", { delay: 10 });
    await tab.type("#known", "ours", { delay: 10 });
    await tab.type("#free", " words", { delay: 10 });
    await tab.holds("#known", "OURS");
    await tab.settled();
    assert.equal(await tab.value("#free"), "my own words");
  });

  on.test("the server learns which button submitted the form, wherever the button is (LiveView 184, 1133, 3092)", async () => {
    const tab = await at("submit");
    const sent = [];
    const submit = async (line, act) => {
      await act();
      await tab.shows("#sent", (sent.push(line), sent.join("|")));
      await tab.holds("#text", "");
    };
    await tab.type("#outside", "o");
    await tab.type("#text", "a");
    await submit("a+o:remove", () => tab.click("#remove"));
    await tab.type("#text", "b");
    await submit("b+:away", () => tab.click("#away"));
    await tab.type("#text", "c");
    await submit("c+:add", () => tab.press("Enter"));
    // A form that the browser finds invalid is not sent, and the next attempt counts.
    await tab.click("#add");
    await submit("+:draft", () => tab.click("#draft"));
    await tab.type("#text", "d");
    await submit("d+:add", () => tab.click("#add"));
  });

  // Text that the server rewrites.

  on.test("an address in capitals is corrected while it is typed, and the focus stays (htmx 3329)", async () => {
    const tab = await at("text");
    await tab.type("#mail", "ANN@Example.ORG", { delay: 10 });
    await tab.waitFor(() => document.querySelector("#echo").textContent.startsWith("ann@example.org|"));
    await tab.holds("#mail", "ann@example.org");
    assert.equal(await tab.focused(), "mail");
  });

  on.test("at a high latency, letters typed in the middle stay in the middle (Blazor 8204, 20067, React 9894)", async () => {
    const tab = await slow("text");
    await tab.focus("#upper");
    await tab.evaluate(() => document.querySelector("#upper").setSelectionRange(1, 1));
    await tab.page.keyboard.type("abcdef", { delay: 60 });
    await tab.holds("#upper", "XABCDEFY");
    assert.equal(await tab.evaluate(() => document.querySelector("#upper").selectionStart), 7);
    await tab.page.keyboard.type("g");
    await tab.holds("#upper", "XABCDEFGY");
  });

  on.test("text that the server rewrites is shown, even if it is the same as before (LiveView 904)", async () => {
    const tab = await at("text");
    await tab.fill("#price", "12.5");
    await tab.press("Tab");
    await tab.holds("#price", "12.50");
    await tab.fill("#price", "cheap");
    await tab.press("Tab");
    await tab.holds("#price", "12.50");
    await tab.fill("#price", "13");
    await tab.press("Tab");
    await tab.holds("#price", "13.00");
  });

  on.test("Windows line endings do not move the caret (react-mentions 75, 332)", async () => {
    const tab = await at("text");
    await tab.click("#load");
    await tab.waitFor(() => document.querySelector("#linesEcho").textContent === "oneRNtwoRNthree");
    await tab.holds("#lines", "one\ntwo\nthree");
    await tab.focus("#lines");
    await tab.evaluate(() => document.querySelector("#lines").setSelectionRange(4, 4));
    await ticks(tab);
    await tab.page.keyboard.type("abc", { delay: 40 });
    await tab.shows("#linesEcho", "oneNabctwoNthree");
    assert.deepEqual([await tab.value("#lines"), await tab.evaluate(() => document.querySelector("#lines").selectionStart)], ["one\nabctwo\nthree", 7]);
  });

  on.test("at a high latency, no letter is lost while an error appears and disappears (NiceGUI 5185, 287)", async () => {
    const tab = await slow("text", 150);
    const text = "every letter that is typed here arrives";
    await tab.type("#name", text, { delay: 12 });
    assert.equal(await tab.value("#name"), text);
    await tab.shows("#echo", `|XY|12.50|${text}|`);
    assert.deepEqual([await tab.value("#name"), await tab.focused()], [text, "name"]);
    assert.equal(await tab.attribute("#name", "class"), text.length % 2 ? "error" : null);
  });

  on.test("typed text can be undone even if the page has changed since (React 17494, 5807, 28369)", async () => {
    const tab = await at("text");
    await tab.type("#plain", "abc", { delay: 20 });
    await tab.shows("#echo", "|XY|12.50||abc");
    await ticks(tab);
    await tab.press("Control+z");
    await tab.waitFor(() => document.querySelector("#plain").value !== "abc");
    const left = await tab.value("#plain");
    await tab.shows("#echo", `|XY|12.50||${left}`);
  });

  // Values that a browser restores.

  on.test("after a reload, the server decides what is disabled (Firefox keeps `disabled`: Rails 26366, jquery-ujs 357)", async () => {
    const tab = await at("reload");
    await tab.click("#lock");
    await tab.waitFor(() => document.querySelector("#lock").disabled && document.querySelector("#guarded").disabled);
    await tab.reload();
    await tab.waitFor(() => !document.querySelector("#lock").disabled && !document.querySelector("#guarded").disabled);
    await tab.click("#lock");
    await tab.shows("#echo", "true||false|a");
  });

  on.test("after a reload, page and server agree on what the browser has restored (Turbo 894)", async () => {
    const tab = await at("reload");
    await tab.type("#text", "typed");
    await tab.check("#flag");
    await tab.select("#choice", "c");
    await tab.shows("#echo", "false|typed|true|c");
    await tab.reload();
    await tab.waitFor(() => {
      const [text, flag, choice] = ["#text", "#flag", "#choice"].map((id) => document.querySelector(id));
      return document.querySelector("#echo").textContent === `false|${text.value}|${flag.checked}|${choice.value}`;
    });
    await tab.uncheck("#flag");
    await tab.select("#choice", "b");
    await tab.fill("#text", "again");
    await tab.shows("#echo", "false|again|false|b");
  });
});
