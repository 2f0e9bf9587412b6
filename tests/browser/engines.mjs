// Runs the same test in two browser engines, Chromium and Firefox, both driven by Puppeteer with real keys and clicks.
//
// `everyEngine` runs its body once for each engine. It starts the server and the browser, and `on.test` adds the engine
// to the title. A tab is one page with the helpers below; each helper waits until its element exists. When a test ends,
// its tabs are closed, and the test fails if a script of one of them failed. A test that expects an error removes it
// from `tab.errors`.
//
//     import { everyEngine } from "./engines.mjs";
//
//     everyEngine("gallery", (on) => {
//       on.test("clicks count, also after a lost connection", async () => {
//         const line = await on.proxy();
//         const tab = await on.open(`${line.url}/counter`); // or on.open("/counter"), without the proxy
//         line.cut();
//         await tab.live();
//         await tab.click("::-p-text(+1)");
//         await tab.shows("#count", "1");
//       });
//     });
//
// Selectors are CSS with Puppeteer's additions: `::-p-text(Send)`, `::-p-aria([name="Send"][role="button"])`.
//
// Environment: `CHROMIUM` and `FIREFOX` are the paths of the programs; `LANAI_ENGINES=firefox` runs only one of them.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { after, afterEach, before, describe, test } from "node:test";
import puppeteer from "puppeteer-core";
import { chromiumOptions, isWarning, liveHtml, proxy, serve } from "./harness.mjs";
import { commit, compose } from "./ime.mjs";

const FIREFOX = process.env.FIREFOX ?? "/usr/bin/firefox-esr";
/** The time limits of a test and of one wait, in milliseconds. */
const TEST = 90_000;
const WAIT = 15_000;

/** The discard port as a proxy: requests fail, except those to the loopback, for which neither engine uses a proxy. */
const NOWHERE = { host: "127.0.0.1", port: 9 };

const launchers = {
  chromium: ({ bfcache }) => {
    const { executablePath, args } = chromiumOptions;
    const more = [`--proxy-server=${NOWHERE.host}:${NOWHERE.port}`, ...(bfcache ? [] : ["--disable-features=BackForwardCache"])];
    return puppeteer.launch({ browser: "chrome", executablePath, headless: true, args: [...args, ...more] });
  },
  firefox: ({ bfcache, colorScheme }) =>
    puppeteer.launch({
      browser: "firefox",
      executablePath: FIREFOX,
      headless: true,
      // For `compose`, which needs access to the browser's own window.
      args: ["--remote-allow-system-access"],
      extraPrefsFirefox: {
        "network.proxy.type": 1,
        "network.proxy.http": NOWHERE.host,
        "network.proxy.http_port": NOWHERE.port,
        "network.proxy.ssl": NOWHERE.host,
        "network.proxy.ssl_port": NOWHERE.port,
        "network.captive-portal-service.enabled": false,
        "network.connectivity-service.enabled": false,
        "network.dns.disablePrefetch": true,
        "network.prefetch-next": false,
        "app.update.auto": false,
        "app.normandy.enabled": false,
        "browser.region.update.enabled": false,
        "browser.topsites.contile.enabled": false,
        "dom.push.connection.enabled": false,
        "media.gmp-provider.enabled": false,
        "messaging-system.rsexperimentloader.enabled": false,
        "security.remote_settings.crlite_filters.enabled": false,
        "security.remote_settings.intermediates.enabled": false,
        "toolkit.telemetry.enabled": false,
        "toolkit.telemetry.server": "",
        "toolkit.telemetry.unified": false,
        // There is no command for the color scheme: 0 is dark, 1 is light.
        "layout.css.prefers-color-scheme.content-override": colorScheme === "dark" ? 0 : 1,
        "browser.sessionhistory.max_total_viewers": bfcache ? -1 : 0,
      },
    }),
};

const chosen = process.env.LANAI_ENGINES?.split(",") ?? Object.keys(launchers);

/** Waits until a condition that is asked outside the page holds. */
export async function until(condition) {
  for (const end = Date.now() + WAIT; !(await condition()); await new Promise((later) => setTimeout(later, 10))) assert.ok(Date.now() < end, `${condition}`);
}

/** Drops files on a page with an upload, some of which are pictures, and waits until it shows them. */
export async function send(tab, files) {
  await tab.evaluate((files) => {
    const picture = Uint8Array.from(atob("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="), (c) => c.charCodeAt(0));
    const transfer = new DataTransfer();
    for (const [name, isPicture] of files) transfer.items.add(new File([isPicture ? picture : "text"], name));
    // The part of the client that takes them may still be loading.
    const drop = () => document.querySelector("[data-lanai-upload]").dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: transfer })) && setTimeout(drop, 50);
    drop();
  }, files);
  await tab.element(".photos img");
  await tab.element(".sending .trouble");
}

/**
 * Runs `body(on)` for each engine, with a server that runs `binary`.
 *
 * Options: `bfcache: false` disables the back/forward cache, `colorScheme: "dark"`, `env` for the server, and `engines`,
 * for tests whose result cannot differ between engines.
 */
export function everyEngine(binary, options, body) {
  if (typeof options === "function") return everyEngine(binary, {}, options);
  const { engines = Object.keys(launchers), ...rest } = options;
  for (const engine of engines) {
    if (chosen.includes(engine)) describe(engine, () => body(new Stage(engine, binary, { bfcache: true, colorScheme: "light", ...rest })));
  }
}

/** One engine, one server, and everything that the current test has opened. */
class Stage {
  #options;
  /** Cleanup for the end of the test, in reverse order. */
  #ends = [];
  #tabs = [];

  constructor(engine, binary, options) {
    this.engine = engine;
    this.binary = binary;
    this.#options = options;
    before(async () => {
      this.server = await serve(binary, { env: options.env });
      this.browser = await launchers[engine](options);
    });
    afterEach(() => this.#end());
    after(async () => {
      await this.browser?.close();
      await this.server?.kill();
    });
  }

  /** Defines a test whose title names the engine. `body(t)` is the body for `node:test`. */
  test(title, body) {
    test(`${title} [${this.engine}]`, { timeout: TEST }, async (t) => {
      await body(t);
      for (const tab of this.#tabs) assert.deepEqual(tab.errors, [], "errors of the page's scripts");
    });
  }

  /**
   * Opens a live page in a new context without cookies. `path` is a path on the server, or a URL.
   *
   * Options: `width` and `height`; `live: false` does not wait for the socket; `scripts: false` disables JavaScript.
   */
  async open(path, options = {}) {
    const context = await this.browser.createBrowserContext();
    this.#ends.push(() => context.close());
    return this.tab(context, path, options);
  }

  /** Opens a connection to the server that can be slow, cut or stalled; see `proxy` in the harness. */
  async proxy({ address = this.server.address, ...options } = {}) {
    const line = await proxy(address, options);
    this.#ends.push(() => line.close());
    return line;
  }

  /** Starts a server that a test can kill and restart at the same address; see `serve` in the harness. */
  async serve({ binary = this.binary, ...options } = {}) {
    const server = await serve(binary, options);
    this.#ends.push(() => server.kill());
    return server;
  }

  /** Opens a page in an existing context; `Tab.another` is shorter. */
  async tab(context, path, { width = 1024, height = 768, live = true, scripts = true } = {}) {
    // A separate window, because in Firefox a background tab draws no frames and has slow timers.
    const page = await context.newPage(this.engine === "firefox" ? { type: "window" } : undefined);
    await page.setViewport({ width, height });
    if (!scripts) await page.setJavaScriptEnabled(false);
    if (this.engine === "chromium") {
      await page.emulateFocusedPage?.(true);
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: this.#options.colorScheme }]);
    }
    const tab = new Tab(this, context, page);
    this.#tabs.push(tab);
    await tab.goto(path, { live });
    return tab;
  }

  async #end() {
    this.#tabs = [];
    for (const end of this.#ends.splice(0).reverse()) await end().catch(() => {});
  }
}

/** One page, and what a person can do on it. */
class Tab {
  #on;
  #context;

  constructor(on, context, page) {
    this.#on = on;
    this.#context = context;
    /** Puppeteer's page, for actions without a helper. */
    this.page = page;
    /** Errors in the page's scripts, logged errors, and warnings about the view's markup (`lanai W…`). */
    this.errors = [];
    page.on("pageerror", (error) => this.#failed(String(error)));
    page.on("console", (message) => (message.type() === "error" || isWarning(message)) && this.#failed(message.text()));
  }

  #failed(message) {
    // The browser itself reports a lost connection: Chromium on the console, Firefox as an error of the page.
    if (!/WebSocket|Failed to load resource|net::ERR|onnection to .*wss?:\/\/|to the server at wss?:/.test(message)) this.errors.push(message);
  }

  // Where the page is.

  url() {
    return this.page.url();
  }

  async goto(path, { live = true } = {}) {
    const response = await this.page.goto(new URL(path, this.#on.server.url).href, { waitUntil: live ? "load" : "domcontentloaded" });
    if (live) await this.live();
    return response;
  }

  async reload({ live = true } = {}) {
    await this.page.reload();
    if (live) await this.live();
  }

  async back({ live = true } = {}) {
    await this.page.goBack();
    if (live) await this.live();
  }

  async forward({ live = true } = {}) {
    await this.page.goForward();
    if (live) await this.live();
  }

  /** Opens another page with the same cookies and storage. */
  another(path, options) {
    return this.#on.tab(this.#context, path, options);
  }

  close() {
    return this.page.close();
  }

  /** Waits until the page is live, or until `data-lanai-connection` has another value. */
  live(...states) {
    return this.waitFor((states) => states.includes(document.documentElement.dataset.lanaiConnection), states.length ? states : ["open"]);
  }

  // Actions of a person.

  /** Waits for an element, and returns it. */
  async element(selector) {
    return this.#until(`an element ${selector}`, () => this.page.$(selector));
  }

  /** Clicks with the mouse. `options` are Puppeteer's: `count: 2` is a double click, `button: "right"`. */
  async click(selector, options) {
    for (;;) {
      const element = await this.element(selector);
      try {
        return await element.click(options);
      } catch (error) {
        // If the page was rendered again between finding and clicking, click the new element as a person would.
        const isDetached = /Node is detached/.test(error.message) || !(await element.evaluate(({ isConnected }) => isConnected));
        if (!isDetached) throw error;
      }
    }
  }

  async hover(selector) {
    await (await this.element(selector)).hover();
  }

  /** Turns the wheel over the middle of what is visible of an element. */
  async wheel(selector, deltaY) {
    await this.hover(selector);
    await this.page.mouse.wheel({ deltaY });
  }

  /** Focuses an element as a script does. */
  async focus(selector) {
    await (await this.element(selector)).focus();
  }

  /** Presses a key (`"Enter"`, `" "`, `"Shift+Tab"`, `"Control+a"`) in the focused element or in `selector`. */
  async press(key, selector) {
    if (selector) await this.focus(selector);
    const keys = key === "+" ? ["+"] : key.split("+");
    for (const held of keys.slice(0, -1)) await this.page.keyboard.down(held);
    await this.page.keyboard.press(keys.at(-1));
    for (const held of keys.slice(0, -1).reverse()) await this.page.keyboard.up(held);
  }

  /** Types text after the existing text, key by key, with `delay` ms between the keys. */
  async type(selector, text, { delay = 0 } = {}) {
    const focus = (element) => {
      if (document.activeElement !== element) {
        element.focus();
        // Some types of input have no selection; their caret starts at the end.
        if (/^(text|search|url|tel|password|textarea)$/.test(element.type)) element.setSelectionRange(element.value.length, element.value.length);
      }
      return element.isConnected;
    };
    // If the page was rendered again between finding and focusing, a person would use the new element.
    while (!(await (await this.element(selector)).evaluate(focus)));
    await this.page.keyboard.type(text, { delay });
  }

  /** Replaces the text by typing. Dates, times, colors and ranges are set at once, with the events of an edit. */
  async fill(selector, text) {
    const element = await this.element(selector);
    const done = await element.evaluate((element, text) => {
      element.focus();
      if (/^(date|time|datetime-local|month|week|color|range)$/.test(element.type)) {
        element.value = text;
        for (const type of ["input", "change"]) element.dispatchEvent(new Event(type, { bubbles: true }));
        return true;
      }
      element.select ? element.select() : getSelection().selectAllChildren(element);
      return false;
    }, text);
    if (done) return;
    if (text === "") await this.page.keyboard.press("Delete");
    else if (text.length > 200) await this.#insert(text);
    else await this.page.keyboard.type(text);
  }

  /** Inserts text of any length at the caret in one edit, as pasting does. */
  async paste(selector, text) {
    await this.focus(selector);
    await this.#insert(text);
  }

  async #insert(text) {
    await this.page.evaluate((text) => document.execCommand("insertText", false, text), text);
  }

  /** Composes text in the focused control as an input method does, without committing it. Call again to change it. */
  async compose(text) {
    await compose(this.#on.engine, this.page, text);
    await this.waitFor((text) => (document.activeElement.value ?? document.activeElement.textContent).includes(text), text);
  }

  /** Ends the composition by committing this text. */
  async commit(text) {
    await commit(this.#on.engine, this.page, text);
  }

  /** Checks a checkbox or radio button, with a click if necessary. */
  async check(selector, wanted = true) {
    if ((await this.checked(selector)) !== wanted) await this.click(selector);
  }

  async uncheck(selector) {
    await this.check(selector, false);
  }

  /** Selects options of a `select` by their values. */
  async select(selector, ...values) {
    const element = await this.element(selector);
    await element.focus();
    await element.select(...values);
  }

  // What a person sees.

  async text(selector) {
    return (await this.element(selector)).evaluate((element) => element.textContent);
  }

  /** Returns the texts of all elements that match now. */
  texts(selector) {
    return this.page.$$eval(selector, (all) => all.map((element) => element.textContent));
  }

  count(selector) {
    return this.page.$$eval(selector, (all) => all.length);
  }

  /** Returns the value of a control, or all selected values of a `select multiple`. */
  async value(selector) {
    return (await this.element(selector)).evaluate((element) =>
      element.multiple && element.selectedOptions ? [...element.selectedOptions].map((option) => option.value) : element.value);
  }

  async checked(selector) {
    return (await this.element(selector)).evaluate((element) => element.checked);
  }

  async attribute(selector, name) {
    return (await this.element(selector)).evaluate((element, name) => element.getAttribute(name), name);
  }

  /** Returns the `id` of the focused element, or its name or tag. */
  focused() {
    return this.page.evaluate(() => {
      const element = document.activeElement;
      return element.getAttribute("id") ?? element.getAttribute("name") ?? element.localName;
    });
  }

  /** Returns what the live part shows, to compare it with a fresh rendering. */
  liveHtml() {
    return liveHtml(this.page);
  }

  // Waits. Nothing sleeps: a condition is checked again until it holds.

  /** Waits until the element's text is this. */
  shows(selector, text) {
    return this.waitFor((selector, text) => document.querySelector(selector)?.textContent === text, selector, `${text}`);
  }

  /** Waits until the control has this value. */
  holds(selector, value) {
    return this.waitFor((selector, value) => document.querySelector(selector)?.value === value, selector, `${value}`);
  }

  /** Waits until this many elements match. */
  has(selector, count) {
    return this.waitFor((selector, count) => document.querySelectorAll(selector).length === count, selector, count);
  }

  /** Waits until no event of the page is in flight. */
  settled() {
    return this.waitFor(() => !document.querySelector("[data-lanai-pending]"));
  }

  evaluate(what, ...args) {
    return this.page.evaluate(what, ...args);
  }

  /** Waits until `what(...args)` is true in the page, and returns its result. Works under a strict policy. */
  waitFor(what, ...args) {
    return this.#until(`${what}, with ${JSON.stringify(args)?.slice(0, 200)}`, () => this.page.evaluate(what, ...args));
  }

  async #until(what, ask) {
    const end = Date.now() + WAIT;
    for (;;) {
      let answer, failure;
      try {
        answer = await ask();
      } catch (error) {
        // The document was replaced during the call. Any other error makes the wait fail in the end.
        failure = error;
      }
      if (answer) return answer;
      if (Date.now() > end || this.page.isClosed()) {
        const state = await this.page.evaluate(() => document.body?.innerText.slice(0, 500)).catch(() => "no page");
        throw new Error(`${this.#on.engine} waited in vain at ${this.page.url()} for ${what}${failure ? ` (${failure.message})` : ""}; the page shows: ${state}; errors: ${this.errors}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
  }

  /** Takes a screenshot, if `LANAI_SCREENSHOTS` names a directory. */
  async picture(name) {
    const folder = process.env.LANAI_SCREENSHOTS;
    if (!folder) return;
    mkdirSync(folder, { recursive: true });
    await this.page.screenshot({ path: `${folder}/${name}-${this.#on.engine}.png` });
  }
}
