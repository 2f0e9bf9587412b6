import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { $, attached, FakeSocket, fire, livePart, loadPart, open, settle, startPage, tick, type } from "../../test/page.ts";
import type { EventEntry } from "../protocol.ts";

async function page(html: string, ...slots: EventEntry[][]) {
  await startPage(html.replaceAll("§", ' data-l=""'), { t: [[slots]] });
  FakeSocket.last.take();
  return FakeSocket.last;
}

describe("a form without server values (the chat)", () => {
  const FORM = "<form§><textarea name=text></textarea><input type=checkbox name=c></form>";

  test("is cleared when the server has acknowledged the message, even if it is focused", async () => {
    const socket = await page(FORM, [["submit", "f"]]);
    $("textarea").focus();
    type("textarea", "hi");
    fire("form", "submit");
    assert.deepEqual(socket.take(), [[1, 0, 0, "text=hi"]]);
    socket.receive([1, -3, 1]);
    assert.equal($("textarea").value, "");
    assert.equal(document.activeElement, $("textarea"));
  });

  test("sends the state of all its controls, if it is asked for", async () => {
    const socket = await page(
      "<form§><input name=a value=1><input type=checkbox name=b><input type=checkbox name=c value=x checked><input type=checkbox name=c value=y>" +
        "<input type=radio name=d value=1><input name=f disabled><input name=g><input></form>",
      [["submit", "g"]],
    );
    // A number that the browser cannot read.
    Object.defineProperty($("[name=g]"), "validity", { value: { badInput: true } });
    fire("form", "submit");
    assert.deepEqual(socket.take(), [[1, 0, 0, "a=1&c=x&g=&b=&d=&g=%EF%BF%BD"]]);
  });

  test("keeps text that was typed while the message was in flight", async () => {
    const socket = await page(FORM, [["submit", "f"]]);
    type("textarea", "hi");
    $("[type=checkbox]").checked = true;
    fire("[type=checkbox]", "input");
    fire("form", "submit");
    type("textarea", "hi, and more");
    socket.receive([1, -3, 1]);
    assert.equal($("textarea").value, "hi, and more");
    // Each control is treated on its own.
    assert.equal($("[type=checkbox]").checked, false);
    // Sending the rest clears it in turn.
    fire("form", "submit");
    socket.receive([2, -3, 2]);
    assert.equal($("textarea").value, "");
  });

  test("is cleared by a reset that arrives after the acknowledgement", async () => {
    const socket = await page(FORM, [["submit", "f"]]);
    type("textarea", "hi");
    fire("form", "submit");
    socket.receive([1]);
    socket.receive([1, -3, 1]);
    assert.equal($("textarea").value, "");
  });

  test("resets a select to its first choice and a radio to its default", async () => {
    const socket = await page(
      "<form§><select name=s><option>a<option>b</select><input type=radio name=r value=1 checked><input type=radio name=r value=2></form>",
      [["submit", "f"]],
    );
    ($<any>("select") as HTMLSelectElement).value = "b";
    fire("select", "input");
    $("[value='2']").checked = true;
    fire("[value='2']", "input");
    fire("form", "submit");
    socket.receive([1, -3, 1]);
    assert.equal($("select").value, "a");
    assert.equal($("[value='1']").checked, true);
    assert.equal($("[value='2']").checked, false);
  });
});

describe("a control with a server value", () => {
  test("is not overwritten before the server has seen the edit", async () => {
    const socket = await page("<input§>", [".value", ["input", "v"]]);
    type("input", "a");
    type("input", "ab");
    // The answer to the first event is in capitals.
    socket.receive([1, 0, "A"]);
    assert.equal($("input").value, "ab");
    assert.equal($("input").getAttribute("value"), "A");
    socket.receive([2, 0, "AB"]);
    assert.equal($("input").value, "AB");
  });

  test("shows the server's value again when its event is answered, even if no patch changed it", async () => {
    for (const event of <EventEntry[]>[["input", "v"], ["input", "target.value"]]) {
      const socket = await page("<input value=fixed§>", [".value", event]);
      type("input", "changed");
      assert.equal($("input").value, "changed");
      socket.receive([1]);
      assert.equal($("input").value, "fixed");
    }
  });

  test("keeps what was typed when the answer to a form's event does not change it", async () => {
    for (const event of <EventEntry[]>[["submit", "f"], "@submit", ["input", "f"], "@input"]) {
      const socket = await page("<form§><input name=text value=fixed§></form>", [event], [".value"]);
      type("input", "changed");
      fire("form", "submit");
      assert.equal(socket.take().length, 1);
      socket.receive([1]);
      assert.equal($("input").value, "changed");
    }
  });

  test("that an answer changes is written, unless there is an edit newer than the event", async () => {
    const socket = await page("<form><input name=text§></form><button§>x</button>", [".value"], ["@click"]);
    type("input", "mine");
    fire("button", "click");
    socket.receive([1, 0, "template"]);
    assert.equal($("input").value, "template");
    fire("button", "click");
    type("input", "newer");
    socket.receive([2, 0, "another"]);
    assert.equal($("input").value, "newer");
    socket.receive([2, 0, "somebody else's"]);
    assert.equal($("input").value, "newer");
    fire("button", "click");
    socket.receive([3]);
    assert.equal($("input").value, "newer");
  });

  test("that changes for another reason waits until the server knows of the edit", async () => {
    const socket = await page("<form§><input name=text§></form>", [["submit", "f"]], [".value"]);
    type("input", "mine");
    socket.receive([0, 4, "theirs"]);
    assert.equal($("input").value, "mine");
    fire("form", "submit");
    socket.receive([1]);
    assert.equal($("input").value, "mine");
    socket.receive([1, 4, "theirs again"]);
    assert.equal($("input").value, "theirs again");
  });

  test("of a view with many pages is written even if the acknowledgement follows the change", async () => {
    const socket = await page("<input§><button§>x</button>", [".value"], ["@click"]);
    type("input", "mine");
    fire("button", "click");
    socket.receive([0, 0, "template"]);
    assert.equal($("input").value, "mine");
    socket.receive([1]);
    assert.equal($("input").value, "template");
  });

  test("is written by a write, whatever was typed", async () => {
    const socket = await page("<form><input id=a§><input id=b type=checkbox></form><button§>x</button>", [".value", ["input", "v"]], ["@click"]);
    type("#a", "typed");
    socket.receive([1, -13, ["#a", "ordered"], -13, ["#b", 1], -13, ["#none", "x"], -13, ["!", "x"]]);
    assert.deepEqual([$("#a").value, $("#b").checked], ["ordered", true]);
  });

  test("that the server could not read keeps its text, and is marked until it is edited", async () => {
    const socket = await page("<input value=5§>", [".value", ["input", "v"]]);
    type("input", "");
    socket.receive([1, -12, 1]);
    assert.equal($("input").value, "");
    assert.deepEqual([$("input").ariaInvalid ?? $("input").getAttribute("aria-invalid"), $("input").hasAttribute("data-lanai-invalid")], ["true", true]);
    type("input", "7");
    assert.equal($("input").getAttribute("aria-invalid"), null);
    socket.receive([2, 0, "7"]);
    assert.equal($("input").value, "7");
  });

  test("with an equivalent value is not written while it has the focus, but when it loses it", async () => {
    for (const [typed, theirs] of [["1.", "1"], ["hello ", "hello"], ["1.0", "1"]] as const) {
      const socket = await page("<input§>", [".value", ["input", "v"]]);
      $("input").focus();
      type("input", typed);
      socket.receive([1, 0, theirs]);
      assert.equal($("input").value, typed);
      type("input", typed + "5");
      socket.receive([2, 0, typed + "5"]);
      type("input", typed);
      socket.receive([3, 0, theirs]);
      $("input").blur();
      tick(0);
      assert.equal($("input").value, theirs);
    }
  });

  test("is written at once if no one has edited it, focused or not", async () => {
    const socket = await page("<input§>", [".value"]);
    $("input").focus();
    socket.receive([0, 0, "new"]);
    assert.equal($("input").value, "new");
  });

  test("keeps a caret inside the text, and a caret at the end", async () => {
    const socket = await page("<input§>", [".value", ["input", "v"]]);
    type("input", "abcd");
    $("input").setSelectionRange(2, 2);
    socket.receive([1, 0, "ABCD"]);
    assert.equal($("input").selectionStart, 2);
    $("input").setSelectionRange(4, 4);
    socket.receive([1, 0, "ABCDE"]);
    assert.equal($("input").selectionStart, 5);
  });

  test("is not written while its value is equal, since the caret would move", async () => {
    const socket = await page("<input§>", [".value", ["input", "v"]]);
    type("input", "same");
    let writes = 0;
    const { get, set }: any = Object.getOwnPropertyDescriptor(Object.getPrototypeOf($("input")), "value")!;
    Object.defineProperty($("input"), "value", { get, set(value) { writes++; set!.call(this, value); } });
    socket.receive([1, 0, "same"]);
    assert.equal(writes, 0);
  });

  test("a debounced edit and the click after it arrive together, and the text is cleared", async () => {
    const socket = await page("<input§><button§>Send</button>", [".value", ["input", "v", { d: 300 }]], ["@click"]);
    type("input", "hello");
    fire("button", "click");
    assert.deepEqual(socket.take(), [[1, 0, 0, "hello"], [2, 0, 1]]);
    // The click sends the typed text. The server's text was "" before, and is "" again.
    socket.receive([2]);
    assert.equal($("input").value, "");
  });

  test("of a textarea", async () => {
    const socket = await page("<textarea§></textarea>", [["input", "v"], "$"]);
    type("textarea", "a");
    type("textarea", "ab");
    socket.receive([1, 4, "A"]);
    assert.equal($("textarea").value, "ab");
    socket.receive([2]);
    assert.equal($("textarea").value, "A");
  });

  test("of a checkbox", async () => {
    const socket = await page("<input type=checkbox§>", ["!checked", ["change", "c"]]);
    $("input").checked = true;
    fire("input", "input");
    fire("input", "change");
    socket.receive([0, 0, 0]);
    assert.equal($("input").checked, true);
    // The server decides otherwise.
    socket.receive([1]);
    assert.equal($("input").checked, false);
  });

  test("of radio buttons: the whole group", async () => {
    const socket = await page("<input type=radio name=r id=a checked§><input type=radio name=r id=b§>", ["!checked"], ["!checked", ["change", "v"]]);
    $("#b").checked = true;
    fire("#b", "input");
    fire("#b", "change");
    assert.equal($("#a").checked, false);
    socket.receive([1]);
    assert.deepEqual([$("#a").checked, $("#b").checked], [true, false]);
  });

  test("of a select, by its options", async () => {
    const socket = await page("<select§><option selected§>a</option><option§>b</option></select>", [["change", "v"]], ["!selected"], ["!selected"]);
    const select = $<any>("select") as HTMLSelectElement;
    select.value = "b";
    fire("select", "input");
    fire("select", "change");
    assert.equal(select.value, "b");
    socket.receive([1]);
    assert.equal(select.value, "a");
    socket.receive([1, 4, 0, 8, 1]);
    assert.equal(select.value, "b");
  });

  test("text that was typed before the script ran is an edit", async () => {
    open(livePart('<input data-l="" value="server">', { t: [[[[".value"]]]] }));
    $("input").value = "typed early";
    const { start } = await import("../page.ts");
    start("http://localhost/_lanai/client-1.js", loadPart);
    await settle();
    attached(0).receive([0, 0, "other"]);
    assert.equal($("input").value, "typed early");
  });
});

describe("composition", () => {
  test("nothing is written during it, and pending values are written after it", async () => {
    const socket = await page("<input§>", [".value", ["input", "v"]]);
    fire("input", "compositionstart");
    type("input", "に");
    socket.receive([1, 0, "NI"]);
    assert.equal($("input").value, "に");
    fire("input", "compositionend");
    assert.equal($("input").value, "に");
    tick();
    assert.equal($("input").value, "NI");
  });

  test("an edit that ends it wins", async () => {
    const socket = await page("<input§>", [".value", ["input", "v"]]);
    fire("input", "compositionstart");
    type("input", "に");
    socket.receive([1, 0, "NI"]);
    fire("input", "compositionend");
    type("input", "にほ");
    tick();
    assert.equal($("input").value, "にほ");
    socket.receive([2]);
    assert.equal($("input").value, "NI");
  });

  test("a reset waits for it too", async () => {
    const socket = await page("<form§><input name=a></form>", [["submit", "f"]]);
    type("input", "x");
    fire("form", "submit");
    fire("input", "compositionstart");
    socket.receive([1, -3, 1]);
    assert.equal($("input").value, "x");
    fire("input", "compositionend");
    tick();
    assert.equal($("input").value, "");
  });
});
