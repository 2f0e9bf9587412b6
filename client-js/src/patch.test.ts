import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { $, mount } from "../test/page.ts";

const SLOTS = '<p data-l=""></p><input data-l=""><b data-l="">x</b><i>a<!--[-->y<!--]-->b</i><textarea data-l="">t</textarea>';
const TEMPLATES: any = [
  [[["title", "?hidden"], [".value", "!checked"], ["*"], 0, ["$"]]],
];

describe("set", () => {
  test("an attribute, to a value and to nothing", () => {
    const page = mount(SLOTS, TEMPLATES);
    page.frame(0, 0, 'a"b');
    assert.equal($("p").title, 'a"b');
    page.frame(0, 0, 0);
    assert.equal($("p").hasAttribute("title"), false);
  });

  test("a boolean attribute", () => {
    const page = mount(SLOTS, TEMPLATES);
    page.frame(0, 4, 1);
    assert.equal($("p").getAttribute("hidden"), "");
    page.frame(0, 4, 0);
    assert.equal($("p").hasAttribute("hidden"), false);
  });

  test("an attribute that is also a property: both are set", () => {
    const page = mount(SLOTS, TEMPLATES);
    page.frame(0, 8, "v", 12, 1);
    assert.deepEqual([$("input").value, $("input").getAttribute("value")], ["v", "v"]);
    page.frame(0, 8, 0, 12, 0);
    assert.deepEqual([$("input").value, $("input").getAttribute("value")], ["", null]);
  });

  test("text that is an only child keeps its text node", () => {
    const page = mount(SLOTS, TEMPLATES);
    const node = $("b").firstChild;
    page.frame(0, 16, "<z>");
    assert.equal($("b").innerHTML, "&lt;z&gt;");
    assert.equal($("b").firstChild, node);
  });

  test("text between comments keeps its text node", () => {
    const page = mount(SLOTS, TEMPLATES);
    const node = $("i").childNodes[2];
    page.frame(0, 20, "new");
    assert.equal($("i").innerHTML, "a<!--[-->new<!--]-->b");
    assert.equal($("i").childNodes[2], node);
  });

  test("nothing, raw HTML, and text again", () => {
    const page = mount(SLOTS, TEMPLATES);
    page.frame(0, 20, 0, 16, 0);
    assert.equal($("i").innerHTML + $("b").innerHTML, "a<!--[--><!--]-->b");
    page.frame(0, 20, ["<u>1</u>2"], 16, ["<u>3</u>"]);
    assert.equal($("i").innerHTML + $("b").innerHTML, "a<!--[--><u>1</u>2<!--]-->b<u>3</u>");
    page.frame(0, 20, "z", 16, "");
    assert.equal($("i").innerHTML + $("b").innerHTML, "a<!--[-->z<!--]-->b");
  });

  test("the text of a textarea, and its value", () => {
    const page = mount(SLOTS, TEMPLATES);
    page.frame(0, 24, "\nhello");
    assert.deepEqual([$("textarea").value, $("textarea").textContent], ["\nhello", "\nhello"]);
  });

  test("a new block in a node slot, and values in it later", () => {
    const page = mount(SLOTS, TEMPLATES);
    page.frame(0, -1, [1, [[["class", "@click", "*"]], "<u data-l></u>"]], 20, [1, "c", "in"]);
    assert.equal($("i").innerHTML, 'a<!--[--><u class="c">in</u><!--]-->b');
    page.frame(0, 21, [8, "now"]);
    assert.equal($("u").textContent, "now");
  });
});

describe("append", () => {
  test("to text", () => {
    const page = mount(SLOTS, TEMPLATES);
    page.frame(0, 18, "yz", 22, "!", 26, "u");
    assert.equal($("b").textContent, "xyz");
    assert.equal($("i").textContent, "ay!b");
    assert.deepEqual([$("textarea").value, $("textarea").textContent], ["tu", "tu"]);
  });
});

describe("append to what others have changed", () => {
  test("writes the text as a whole", () => {
    const page = mount(SLOTS, TEMPLATES);
    ($("b").firstChild as Text).data = "translated";
    page.frame(0, 18, "yz");
    assert.equal($("b").textContent, "xyz");
  });
});

describe("effects", () => {
  test("title", () => {
    mount(SLOTS, TEMPLATES).frame(0, -2, "Three");
    assert.equal(document.title, "Three");
  });

  test("focus; an invalid selector is harmless", (t) => {
    const warned = t.mock.method(console, "warn", () => {});
    const page = mount(SLOTS, TEMPLATES);
    page.frame(0, -4, "input", -4, "[[", 16, "went on");
    assert.equal(document.activeElement, $("input"));
    assert.equal($("b").textContent, "went on");
    assert.match(String(warned.mock.calls[0]!.arguments[0]), /^lanai W5: .*selector "\[\["/);
  });

  test("scroll, smoothly unless the person prefers reduced motion; a form's fields may have any name", (t) => {
    const page = mount("<form><input name=scrollIntoView></form>", [[[]]]);
    const scrolled: unknown[] = [];
    t.mock.method(Element.prototype, "scrollIntoView", function (this: Element, options: unknown) {
      scrolled.push(this.localName, options);
    });
    page.frame(0, -15, "form");
    globalThis.matchMedia = (query) => ({ matches: query == "(prefers-reduced-motion)" }) as MediaQueryList;
    page.frame(0, -15, "input");
    assert.deepEqual(scrolled, ["form", { behavior: "smooth" }, "input", { behavior: "instant" }]);
  });

  test("close leaves the page as it is", () => {
    const page = mount(SLOTS, TEMPLATES);
    page.frame(0, 16, "last", -5, 0);
    assert.equal(page.ended(), true);
    assert.equal($("b").textContent, "last");
  });

  test("fail replaces the live part with the HTML", () => {
    const page = mount(SLOTS, TEMPLATES);
    page.frame(0, -6, "<h1>Oh</h1>");
    assert.equal(page.ended(), true);
    assert.equal(page.html(), "<h1>Oh</h1>");
  });

  test("root replaces the live part, and the slots are those of the new root", () => {
    const page = mount(SLOTS, TEMPLATES);
    page.frame(0, -1, [1, [[["*"]], "<h2 data-l></h2>"]], -7, [1, "a"]);
    assert.equal(page.html(), "<h2>a</h2>");
    page.frame(0, 0, "b");
    assert.equal(page.html(), "<h2>b</h2>");
    page.frame(0, -7, 0);
    assert.equal(page.html(), "");
  });

  test("a page that began empty gets its first root", () => {
    const page = mount("", []);
    page.frame(0, -1, [0, [[["*"]], "<h2 data-l></h2>"]], -7, [0, "a"]);
    assert.equal(page.html(), "<h2>a</h2>");
  });
});

describe("a definition", () => {
  test("completes the template of the first HTML", () => {
    const page = mount("<div><!--[1--><u data-l>x</u><!--]--></div>", [[[0]], [[["*"]]]]);
    page.frame(0, 0, 0, -1, [1, [0, "<u data-l></u>"]], 0, [1, "again"]);
    assert.equal(page.html(), "<div><!--[--><u>again</u><!--]--></div>".replace("[--", "[1--"));
  });

  test("of SVG makes SVG", () => {
    const page = mount('<svg data-l="*"></svg>', [[[["#"]]]]);
    page.frame(0, -1, [1, [[["r"]], "<circle data-l/>", 1]], 1, [{ "1": [["5"], ["6"]] }]);
    const circles = [...document.querySelectorAll("circle")];
    assert.deepEqual(circles.map((c) => [c.namespaceURI, c.getAttribute("r")]), [
      ["http://www.w3.org/2000/svg", "5"],
      ["http://www.w3.org/2000/svg", "6"],
    ]);
  });

  test("raw HTML in SVG is SVG", () => {
    const page = mount('<svg data-l=""></svg>', [[[["*"]]]]);
    page.frame(0, 0, ["<g><path/></g>"]);
    assert.equal($<any>("path").namespaceURI, "http://www.w3.org/2000/svg");
  });

  test("of an SVG block parses raw HTML at its root as SVG", () => {
    const page = mount('<svg data-l=""></svg>', [[[["*"]]]]);
    page.frame(0, -1, [1, [[0], "<!--[--><!--]-->", 5]], 0, [1, ["<path/>"]]);
    assert.equal($<any>("path").namespaceURI, "http://www.w3.org/2000/svg");
  });

  test("without any markup makes an empty block", () => {
    const page = mount('<p data-l=""></p>', [[[["*"]]]]);
    page.frame(0, -1, [1, [[], "", 4]], 0, [1]);
    assert.equal(page.html(), "<p></p>");
  });

  test("of a table row makes a table row", () => {
    const page = mount('<table><tbody data-l="*"></tbody></table>', [[[["#"]]]]);
    page.frame(0, -1, [1, [[["*"]], "<tr><td data-l></td></tr>"]], 1, [{ "1": [["a"]] }]);
    assert.equal(page.html(), "<table><tbody><tr><td>a</td></tr></tbody></table>");
  });
});

describe("what the protocol does not allow throws", () => {
  const cases: [string, unknown[]][] = [
    ["an unknown effect", [-9, 0]],
    ["a slot that is not there", [400, "x"]],
    ["the fourth act", [3, "x"]],
    ["append to an attribute", [2, "x"]],
    ["a patch of text", [1, [0, "x"]]],
    ["a patch of an empty slot", [21, [0, "x"]]],
    ["a template that is not defined", [20, [5, "x"]]],
    ["a template without HTML", [20, [0, 0, 0, 0, 0, 0, 0]]],
    ["a definition without slots", [-1, [3, [0, "<p></p>"]]]],
    ["HTML with other markers than slots", [-1, [3, [[["*"], 0], "<p data-l></p>"]], 20, [3, "a", "b"]]],
    ["too few values", [-1, [3, [[["*"]], "<p data-l></p>"]], 20, [3]]],
  ];
  for (const [name, ops] of cases) {
    test(name, () => {
      assert.throws(() => mount(SLOTS, TEMPLATES).frame(0, ...ops), Error);
    });
  }

  test("an acknowledgement that decreases", () => {
    const page = mount(SLOTS, TEMPLATES);
    page.frame(3);
    assert.throws(() => page.frame(2), /E1/);
  });
});
