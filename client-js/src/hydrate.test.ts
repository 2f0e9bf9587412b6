import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { $, mount } from "../test/page.ts";
import { handlerIds } from "./conformance.ts";

const ids = () => handlerIds(document.body);

test("the marks are removed, and the comments stay", () => {
  const page = mount('<p data-l="">x</p><i>a<!--[-->b<!--]-->c</i>', [[[["*"], 0]]]);
  assert.equal(page.html(), "<p>x</p><i>a<!--[-->b<!--]-->c</i>");
});

test("handlers are numbered from 0, in document order", () => {
  mount('<p data-l=""></p><ul data-l="*1"><li data-l=""></li><li data-l=""></li></ul><b data-l=""></b>', [
    [[["@click", "@focus"], ["#"], ["@click"]]],
    [[["@click"]]],
  ]);
  assert.deepEqual(ids(), [0, 1, 2, 3, 4]);
});

test("handler numbers may come from the page; the next one follows them, unless the page says otherwise", () => {
  const late = (boot: object) => {
    const page = mount('<p data-l=""></p><p data-l="">x</p>', [[[["@click"], ["@click", "*"]]]], boot);
    page.frame(0, -1, [1, [[["@click"]], "<b data-l></b>"]], 8, [1]);
    return ids();
  };
  assert.deepEqual(late({ h: [4, 9] }), [4, 9, 10]);
  assert.deepEqual(late({ h: [4, 9], n: 20 }), [4, 9, 20]);
});

test("frames that the HTML contains are counted", () => {
  const page = mount("", [], { f: 5 });
  page.frame(0);
  assert.equal(page.instance._frames, 6);
});

test("raw HTML may contain text that looks like markers", () => {
  const page = mount(
    '<div data-l=""><p data-l="x"></p><!--[*9--><!--]--></div><div>1<!--[--><p data-l="7"><!--[3--></p><!--]-->2</div><b data-l="">x</b>',
    [[[["*"], 0, ["*"]]]],
  );
  page.frame(0, 8, "end");
  assert.equal($("b").textContent, "end");
  page.frame(0, 0, "a", 4, "b");
  assert.equal(page.html(), "<div>a</div><div>1<!--[-->b<!--]-->2</div><b>end</b>");
});

test("a nested block, as the only content and between comments", () => {
  const page = mount('<div data-l="1"><b data-l="">x</b></div><div><!--[1--><b data-l="">y</b><!--]--></div>', [
    [[["*"], 0]],
    [[["*"]]],
  ]);
  page.frame(0, 1, [0, "X"], 5, [0, "Y"]);
  assert.equal(document.body.textContent, "XY");
});

test("runs of rows of several templates", () => {
  const page = mount('<ul data-l="*1x2,2x1,1x1"><li data-l="">a</li><li data-l="">b</li><li>c</li><li data-l="">d</li></ul>', [
    [[["#"]]],
    [[["*"]]],
    [[]],
  ]);
  page.frame(0, 1, [[0, "A"], [0, "B"], -1, [0, "D"]]);
  assert.equal($("ul").textContent, "ABD");
});

test("a list of one template ends before the content after it", () => {
  const page = mount('<ul><!--[*1--><li data-l="">a</li><!--]--><li data-l="">b</li></ul>', [[[1, ["*"]]], [[["*"]]]]);
  page.frame(0, 1, [-1], 4, "B");
  assert.equal($("ul").textContent, "B");
});

test("rows with many roots in rows with many roots end in the right list", () => {
  const page = mount('<div data-l="*1"><!--|--><ul data-l="*2"><!--|--><b data-l="">1</b>,<!--|--><b data-l="">2</b>,</ul><!--|--><ul data-l="*"></ul></div>', [
    [[["#"]]],
    [[["#"]], 0, 4],
    [[["*"]], 0, 4],
  ]);
  page.frame(0, 1, [[1, [[0, "one"], -1]], -1]);
  assert.equal(page.html().replaceAll(/<!--.*?-->/g, ""), "<div><ul><b>one</b>,</ul></div>");
});

describe("rows in a table without tbody", () => {
  // happy-dom does not create a `tbody` as browsers do, so the tests build the trees.
  const row = (text: string) => `<tr><td data-l="">${text}</td></tr>`;
  const ROW: any = [[["*"]], "<tr><td data-l></td></tr>"];

  function inBody(before: string, inside: string, after: string, templates: any) {
    const page = () => mount(`<table>${before}<tbody>${inside}</tbody>${after}</table>`, templates);
    return page();
  }

  test("between comments: the start comment moves to the end comment", () => {
    const page = inBody("<!--[*1-->", row("a") + row("b") + "<!--]-->", "", [[[1]], ROW]);
    page.frame(0, 1, [1, { "1": [["x"]] }, -1]);
    assert.equal(page.html(), "<table><tbody><!--[*1--><tr><td>a</td></tr><tr><td>x</td></tr><!--]--></tbody></table>");
  });

  test("as the only content: new rows go to the existing ones", () => {
    const page = mount(`<table data-l="*1"><tbody>${row("a")}${row("b")}</tbody></table>`, [[[["#"]]], ROW]);
    page.frame(0, 1, [2, { "1": [["c"]] }]);
    assert.equal(page.html().replaceAll(/<\/?t[rd]>/g, ""), "<table><tbody>abc</tbody></table>");
  });

  test("with many roots", () => {
    const MANY: any = [[["*"]], "<tr><td data-l></td></tr><tr></tr>", 4];
    const many = (text: string) => `${row(text)}<tr></tr>`;
    const page = inBody("<!--[*1--><!--|-->", `${many("a")}<!--|-->${many("b")}<!--]-->`, "", [[[1]], MANY]);
    page.frame(0, 1, [-1, { "1": [["x"]] }]);
    assert.equal($("tbody").textContent, "xb");
    assert.equal($("tbody").children.length, 4);
  });

  test("rows that are tbody elements stay rows", () => {
    const page = mount('<table data-l="*1"><tbody data-l="">a</tbody></table>', [[[["#"]]], [[["class"]], "<tbody data-l></tbody>"]]);
    page.frame(0, 1, [1, { "1": [["x"]] }]);
    assert.equal($("table").children.length, 2);
  });
});

describe("markers that do not match the templates throw", () => {
  const cases: [string, string, any][] = [
    ["a mark is missing", "<p></p>", [[[["*"]]]]],
    ["a slot in place of an element", "<!--[--><!--]-->", [[[["*"]]]]],
    ["an element in place of a slot", '<p data-l=""></p>', [[[0]]]],
    ["more marks than slots", '<p data-l=""></p><p data-l=""></p>', [[[["*"]]]]],
    ["a slot that does not close", "<p><!--[--></p>", [[[0]]]],
    ["too few rows", '<ul data-l="*1x2"><li data-l=""></li></ul>', [[[["#"]]], [[["*"]]]]],
    ["a template that is not there", '<p data-l="8"><b></b></p>', [[[["*"]]]]],
  ];
  for (const [name, html, templates] of cases) {
    test(name, () => {
      assert.throws(() => mount(html, templates), Error);
    });
  }
});
