// TodoMVC: with real keys, and what only a browser shows.

import assert from "node:assert/strict";
import { everyEngine } from "./engines.mjs";

const titles = (tab) => tab.texts(".todo-list li label");

async function add(tab, ...all) {
  for (const title of all) {
    await tab.type(".new-todo", title);
    await tab.press("Enter");
    await tab.waitFor(() => document.querySelector(".new-todo").value === "");
  }
}

everyEngine("gallery", (on) => {
  on.test("todos are typed, completed, edited and filtered, and a reload shows them again", async () => {
    const tab = await on.open("/todos");
    await tab.waitFor(() => document.activeElement.matches(".new-todo"));
    await add(tab, "one", "two", "three");
    assert.deepEqual(await titles(tab), ["one", "two", "three"]);
    await tab.shows(".todo-count", "3 items left");
    await tab.check(".todo-list li:nth-child(2) .toggle");
    await tab.shows(".todo-count", "2 items left");

    await tab.click(".todo-list li:nth-child(1) label", { count: 2 });
    await tab.waitFor(() => document.activeElement.matches(".edit"));
    assert.equal(await tab.value(".edit"), "one");
    await tab.press("End");
    await tab.type(".edit", " more");
    await tab.press("Enter");
    await tab.shows(".todo-list li:nth-child(1) label", "one more");
    await tab.click(".todo-list li:nth-child(3) label", { count: 2 });
    await tab.waitFor(() => document.activeElement.matches(".edit"));
    await tab.type(".edit", " never");
    await tab.press("Escape");
    await tab.has(".edit", 0);
    await tab.shows(".todo-list li:nth-child(3) label", "three");

    await tab.click(".filters li:nth-child(2) a");
    await tab.has(".todo-list li", 2);
    assert.equal(await tab.evaluate(() => location.search), "?show=active");
    await tab.page.goBack();
    await tab.has(".todo-list li", 3);
    await tab.click(".clear-completed");
    await tab.has(".todo-list li", 2);

    await tab.waitFor(() => JSON.parse(localStorage.getItem("react-todos"))?.length === 2);
    await tab.reload();
    await tab.has(".todo-list li", 2);
    assert.deepEqual(await titles(tab), ["one more", "three"]);
    await add(tab, "four");
    assert.deepEqual(await titles(tab), ["one more", "three", "four"]);
  });
});
