import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { $, mount, type Mounted } from "../test/page.ts";

const ROW: any = [[["@click", "*"]], "<li data-l></li>"];

/** A list of rows a, b, c …; `only` in a `ul` of its own, or between other rows. */
function list(rows: string, only: boolean): Mounted {
  const items = [...rows].map((row) => `<li data-l="">${row}</li>`).join("");
  const descriptor = rows ? "*1" : "*";
  return only
    ? mount(`<ul data-l="${descriptor}">${items}</ul>`, [[[["#"]]], ROW])
    : mount(`<ul><li>first</li><!--[${descriptor}-->${items}<!--]--><li>last</li></ul>`, [[[1]], ROW]);
}

const texts = () => [...document.querySelectorAll("li")].map((li) => li.textContent).join(" ");
const row = (text: string) => [...document.querySelectorAll("li")].find((li) => li.textContent == text)!;

for (const only of [true, false]) {
  const around = (text: string) => (only ? text : `first ${text} last`.replace("  ", " "));
  describe(only ? "a list that is the only content" : "a list between others", () => {
    const cases: [string, string, unknown[], string][] = [
      ["appends", "ab", [2, { "1": [["c"], ["d"]] }], "a b c d"],
      ["keeps what the script does not name", "abc", [-1], "b c"],
      ["prepends", "ab", [{ "1": [["z"]] }], "z a b"],
      ["inserts in the middle", "ab", [1, { "1": [["x"], ["y"]] }], "a x y b"],
      ["removes in the middle", "abcd", [1, -2], "a d"],
      ["removes all", "abc", [-3], ""],
      ["replaces all", "abc", [-3, { "1": [["x"]] }], "x"],
      ["replaces all, the new ones first", "abc", [{ "1": [["x"]] }, -3], "x"],
      ["patches a row and keeps it", "abc", [1, [4, "B"]], "a B c"],
      ["moves forwards", "abc", ["2"], "c a b"],
      ["moves backwards", "abc", [2, "0"], "b c a"],
      ["moves and patches", "abc", [["2", 4, "C"], -1], "C b"],
      ["reverses", "abcd", ["3", "2", "1"], "d c b a"],
      ["swaps", "abcde", [1, "3", 1, "1"], "a d c b e"],
      ["does all at once", "abcdef", ["5", -1, { "1": [["x"]] }, [4, "B"], "3", { "1": [["y"]] }, -1], "f x B d y e"],
      ["begins with nothing", "", [{ "1": [["a"]] }], "a"],
    ];
    for (const [name, before, script, after] of cases) {
      test(name, () => {
        const page = list(before, only);
        page.frame(0, 1, script);
        assert.equal(texts().trim(), around(after).trim());
        // The next script counts the current rows.
        page.frame(0, 1, [{ "1": [["0"]] }]);
        assert.equal(texts().trim(), around(`0 ${after}`).trim());
      });
    }

    test("setting a list removes the old rows", () => {
      const page = list("abc", only);
      page.frame(0, 0, [{ "1": [["x"]] }]);
      assert.equal(texts(), around("x"));
    });

    test("rows that stay are not touched", () => {
      const page = list("abcde", only);
      const before = new Map([..."abce"].map((text) => [text, row(text)]));
      const changes = watch();
      page.frame(0, 1, [1, "3", -1]);
      const moved = changes().flatMap(({ addedNodes }) => [...addedNodes]);
      assert.equal(texts(), around("a d c e"));
      for (const text of "ace") assert.equal(row(text), before.get(text));
      assert.deepEqual(moved, [row("d")]);
    });

    test("a row that does not exist throws", () => {
      for (const script of [[4], [-4], ["3"], [3, [4, "x"]]]) assert.throws(() => list("abc", only).frame(0, 1, script), /E4/);
    });
  });
}

describe("rows with many roots", () => {
  const MANY: any = [[0, ["*"]], "<!--[--><!--]-->: <b data-l></b>", 4];
  const many = (rows: string) =>
    mount(
      `<div>(<!--[*1-->${[...rows].map((row) => `<!--|--><!--[-->${row}<!--]-->: <b data-l="">${row}</b>`).join("")}<!--]-->)</div>`,
      [[[1]], MANY],
    );
  const text = () => $("div").textContent;

  test("are removed, moved and inserted as a whole", () => {
    const page = many("abc");
    page.frame(0, 1, ["2", -1, { "1": [["x", "y"]] }]);
    assert.equal(text(), "(c: cx: yb: b)");
    page.frame(0, 1, [[0, "C"], [4, "Y"], "0"]);
    assert.throws(() => page.frame(0, 1, [4]), /E4/);
    assert.match($("div").innerHTML, /^\(<!--\[\*1--><!--\|-->/);
  });

  test("end where the next row begins, even if that was inserted in the same frame", () => {
    const page = many("ab");
    page.frame(0, 1, [1, { "1": [["x", "x"]] }, "0"]);
    assert.equal(text(), "(b: bx: xa: a)");
  });

  test("may contain lists of such rows", () => {
    const INNER: any = [[0], "<!--[--><!--]-->,", 4];
    const OUTER: any = [[1], "<!--[--><!--]-->;", 4];
    const page = mount('<div data-l="*1"><!--|--><!--[*2--><!--|--><!--[-->1<!--]-->,<!--|--><!--[-->2<!--]-->,<!--]-->;<!--|--><!--[*--><!--]-->;</div>', [
      [[["#"]]],
      OUTER,
      INNER,
    ]);
    assert.equal(text(), "1,2,;;");
    page.frame(0, 1, [[1, [1, { "2": [["x"]] }]], [1, [{ "2": [["3"]] }]]]);
    assert.equal(text(), "1,x,2,;3,;");
    page.frame(0, 1, ["1"]);
    assert.equal(text(), "3,;1,x,2,;");
    page.frame(0, 1, [1, -1]);
    assert.equal(text(), "3,;");
  });
});

test("a focused row that is moved keeps focus and selection", () => {
  const page = mount('<ul data-l="*1"><li><input id="a" data-l=""></li><li><input id="b" data-l=""></li></ul>', [
    [[["#"]]],
    [[["name"]]],
  ]);
  const input = $("#b");
  input.value = "hello";
  input.focus();
  input.setSelectionRange(1, 3);
  page.frame(0, 1, ["1"]);
  assert.equal(document.activeElement, input);
  assert.deepEqual([input.selectionStart, input.selectionEnd], [1, 3]);
  assert.equal($("input").id, "b");
});

test("a thousand rows are inserted at once", () => {
  const page = list("", true);
  const ul = document.querySelector("ul")!;
  const changes = watch();
  page.frame(0, 1, [{ "1": Array.from({ length: 1000 }, (_, i) => [`${i}`]) }]);
  assert.equal(ul.children.length, 1000);
  assert.equal(new Set(changes().map(({ nextSibling, previousSibling }) => [nextSibling, previousSibling].join())).size, 1);
});

/** Watches the list and returns a function that lists the changes. */
function watch(): () => MutationRecord[] {
  const observer = new MutationObserver(() => {});
  observer.observe(document.querySelector("ul")!, { childList: true });
  return () => observer.takeRecords();
}
