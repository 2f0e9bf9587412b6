// src/protocol.ts
var OF_PART = "~";
var OF_WINDOW = OF_PART + "window:";
var OF_SHORTCUT = OF_PART + "shortcut:";
var UNSAVED = "[data-lanai-unsaved]";
var PREFETCH = "[data-lanai-prefetch]";
var WITH_HISTORY = `form,input,textarea,${UNSAVED},meta[name=view-transition],${PREFETCH}`;
function redirectOf({ headers }) {
  return headers.get("lanai-location");
}
function isLivePage({ headers }) {
  return headers.get("lanai") == "live";
}
var NAVIGATE = { headers: { lanai: "navigate" }, cache: "no-store" };

// src/url.ts
function withoutFragment(url) {
  return url.replace(/#.*/s, "");
}

// src/navigation/announce.ts
var PROGRESS_DELAY = 200;
var STYLE = ':where(.lanai-progress){position:fixed;z-index:999;top:0;inset-inline-start:0;height:3px;background:AccentColor;animation:lanai-progress 8s ease-out both}@keyframes lanai-progress{from{width:0}to{width:95%}}@media(prefers-reduced-motion){:where(.lanai-progress){animation:none;width:100%}}:where(.lanai-announcer){position:fixed;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}:where([tabindex="-1"]:focus){outline:none}';
var status = create("announcer");
var bar = create("progress");
var timer;
status.role = "status";
var sheet = new CSSStyleSheet();
sheet.replaceSync(STYLE);
document.adoptedStyleSheets.push(sheet);
function create(name) {
  const element = document.createElement("div");
  element.className = "lanai-" + name;
  return element;
}
function showProgress() {
  hide();
  const own = timer = setTimeout(() => document.body.append(bar), PROGRESS_DELAY);
  return () => own == timer && hide();
}
function hide() {
  clearTimeout(timer);
  bar.remove();
}
function announce(text) {
  status.textContent = "";
  document.body.append(status);
  setTimeout(() => status.textContent = text, 100);
}

// src/navigation/entries.ts
var SCROLL_DELAY = 250;
var Entries = class {
  _index;
  constructor() {
    const entry = current();
    this._index = entry?.[0 /* Index */] ?? 0;
    if (!entry) this._adopt();
    addEventListener("scroll", () => {
      clearTimeout(this._timer);
      this._timer = setTimeout(() => this._isAhead || this._save(), SCROLL_DELAY);
    });
    addEventListener("pagehide", () => history.scrollRestoration = "auto");
  }
  /**
   * The person has moved to another entry. Returns it, unless a script has added it. `isShown` says that it is an entry
   * of the page that is shown, which a link to a fragment may have added.
   */
  _enter(isShown) {
    clearTimeout(this._timer);
    this._isAhead = !isShown;
    if (isShown && !history.state) {
      this._index++;
      this._adopt();
    }
    return current();
  }
  /** An entry in an unknown place of the history. */
  _unknown() {
    return [this._index, 0, 0];
  }
  /**
   * The page at `url` is about to be shown: in `entry`, or else in a new one. A link to the page itself adds none, as in
   * any site; nor does a page that takes the place of this one.
   */
  _arrive(url, entry, focused, isInPlace) {
    this._isAhead = false;
    if (entry || isInPlace || url == location.href) return history.replaceState(history.state, "", url);
    this._save(focused);
    history.scrollRestoration = "manual";
    history.pushState({ lanai: [++this._index, 0, 0] }, "", url);
  }
  /** The page that is shown stays: returns to its entry if the person has moved to `entry`. */
  _stay(entry) {
    this._isAhead = false;
    if (entry) history.go(this._index - entry[0 /* Index */]);
    this._stays = !!entry;
  }
  _restoreScroll([index, left, top]) {
    this._index = index;
    if (this._stays) this._stays = false;
    else scrollTo({ left, top, behavior: "instant" });
  }
  /** Scrolls to the fragment of a URL, or to the top. */
  _scrollTo(url) {
    const fragment = new URL(url).hash.slice(1);
    const element = fragment && (document.getElementById(fragment) ?? document.getElementById(decode(fragment)) ?? document.getElementsByName(fragment)[0]);
    if (element) element.scrollIntoView({ behavior: "instant" });
    else scrollTo({ left: 0, top: 0, behavior: "instant" });
  }
  /** Saves how far the page is scrolled, unless the current entry is a script's. */
  _save(focused) {
    clearTimeout(this._timer);
    if (current()) this._adopt(focused);
  }
  _adopt(focused) {
    history.replaceState({ ...history.state, lanai: [this._index, scrollX, scrollY, focused] }, "");
  }
};
function current() {
  return history.state?.lanai;
}
function decode(fragment) {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}

// src/navigation/focus.ts
function focusedKey() {
  const { activeElement: element } = document;
  const href = element?.getAttribute("href");
  if (element?.id) return "#" + CSS.escape(element.id);
  return href == null ? void 0 : `a[href=${JSON.stringify(href)}]`;
}
function focusPage(title, left) {
  const target = left && document.querySelector(left) || document.querySelector("[autofocus]") || document.querySelector("main,h1") || document.body;
  const isFocusable = target.tabIndex >= 0;
  if (!isFocusable) target.setAttribute("tabindex", "-1");
  target.focus({ preventScroll: true });
  if (!isFocusable) target.addEventListener("blur", () => target.removeAttribute("tabindex"), { once: true });
  announce(title);
}

// src/navigation/head.ts
var STYLE_PATIENCE = 3e3;
var served = /* @__PURE__ */ new Set();
var ran = /* @__PURE__ */ new Set();
function serveHead() {
  for (const element of document.head.children) served.add(element);
  for (const script of document.scripts) ran.add(keyOf(script));
}
async function addHead(fetched) {
  const old = new Map([...served].map((element) => [keyOf(element), element]));
  const added = [];
  const loading = [];
  for (const element of [...fetched.head.children]) {
    const key = keyOf(element);
    if (element.localName == "title" || old.delete(key)) continue;
    const adopted = element.localName == "script" ? runnable(element) : document.adoptNode(element);
    if (!adopted) continue;
    if (adopted.rel == "stylesheet") loading.push(new Promise((loaded) => adopted.onload = adopted.onerror = loaded));
    added.push(adopted);
    document.head.append(adopted);
  }
  await Promise.race([Promise.all(loading), new Promise((over) => setTimeout(over, STYLE_PATIENCE))]);
  for (const element of added) served.add(element);
  return (isUndone) => {
    for (const element of isUndone ? added : old.values()) {
      if (/^(script|title)$/.test(element.localName)) continue;
      served.delete(element);
      element.remove();
    }
  };
}
function runnable(script) {
  const key = keyOf(script);
  const isCode = /^(|module|(text|application)\/(java|ecma)script)$/i.test(script.type);
  if (isCode && ran.has(key)) return;
  if (isCode) ran.add(key);
  const copy = document.createElement("script");
  for (const { name, value } of script.attributes) copy.setAttribute(name, value);
  copy.textContent = script.textContent;
  const { nonce } = document.querySelector("script[nonce]") ?? {};
  if (nonce) copy.nonce = nonce;
  return copy;
}
function keyOf(element) {
  return element.localName == "script" ? "s" + (element.src || element.textContent) : element.outerHTML;
}

// src/navigation/link.ts
function linkOf(event, shown) {
  if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  return urlOfLink(event.composedPath(), shown);
}
function urlOfLink(path, shown) {
  const link = path.find((node) => node.localName == "a" && node.getAttribute?.("href") != null);
  if (!link || link.matches("[download],[rel~=external],[contenteditable],[contenteditable] *")) return;
  const url = urlOf([link, link.getAttribute("target"), link.getAttribute("href")]);
  return url && (!url.hash || withoutFragment(url.href) != shown) ? url.href : void 0;
}
function urlOf(action) {
  if (!action) return;
  const [element, target, href] = action;
  const url = new URL(href, document.baseURI);
  const isElsewhere = !/^(_self)?$/i.test(target ?? document.querySelector("base[target]")?.getAttribute("target") ?? "");
  return isElsewhere || Element.prototype.closest.call(element, "[data-lanai-reload]") || url.origin != location.origin ? void 0 : url;
}

// src/navigation/morph.ts
var PLACE = "lanai-place";
function morphBody(document2, fetched, old, next) {
  fetched.getElementById("lanai-late" /* Late */)?.remove();
  collapse(document2, old);
  const live = collapse(fetched, next);
  for (const name of ["lang", "dir"]) copyAttribute(document2.documentElement, fetched.documentElement, name);
  morph(document2.body, fetched.body);
  document2.querySelector(PLACE).replaceWith(live);
}
function collapse(document2, [content, block]) {
  const range = document2.createRange();
  range.setStartBefore(content._opening);
  range.setEndAfter(block);
  const taken = range.extractContents();
  range.insertNode(document2.createElement(PLACE));
  return taken;
}
function morph(old, next) {
  for (const { name } of [...old.attributes, ...next.attributes]) if (!name.startsWith("data-lanai-")) copyAttribute(old, next, name);
  let at = old.firstChild;
  for (const wanted of [...next.childNodes]) {
    let match = at;
    while (match && !isSame(match, wanted)) match = match.nextSibling;
    if (!match) {
      const isScript = wanted.localName == "script";
      const added = isScript ? runnable(wanted) : document.adoptNode(wanted);
      if (added) old.insertBefore(added, at);
      continue;
    }
    removeBetween(at, match);
    at = match.nextSibling;
    if (match.nodeType == 1) morphElement(match, wanted);
    else if (match.nodeValue != wanted.nodeValue) match.nodeValue = wanted.nodeValue;
  }
  removeBetween(at, null);
}
function morphElement(old, next) {
  if (old.localName != "template") morph(old, next);
  else if (old.outerHTML != next.outerHTML) old.replaceWith(document.adoptNode(next));
}
function isSame(a, b) {
  if (a.nodeName != b.nodeName || isOwn(a)) return false;
  if (a.localName == "script") return keyOf(a) == keyOf(b);
  return a.id == b.id;
}
function removeBetween(node, end) {
  while (node != end) {
    const next = node.nextSibling;
    if (!isOwn(node)) node.remove();
    node = next;
  }
}
function isOwn(node) {
  return /^lanai-/.test(node.className);
}
function copyAttribute(old, next, name) {
  const value = next.getAttribute(name);
  if (value == null) old.removeAttribute(name);
  else if (old.getAttribute(name) != value) old.setAttribute(name, value);
}

// src/navigation/index.ts
var REDIRECTS = 20;
function install(page) {
  if (page._applyNavigation) return;
  const entries = new Entries();
  const isLive = page._root?._boot.g;
  let shown = withoutFragment(location.href);
  let pending;
  let isAsked;
  Object.assign(page, {
    _applyNavigation(instance, op, arg) {
      if (op != -16 /* Navigate */) page._history._apply(instance, op, arg);
      else if (isAsked) return;
      else if (arg) {
        pending ??= new AbortController();
        queueMicrotask(() => go(...arg));
      } else history.back();
    },
    _shownUrl: () => shown,
    _isLeaving: () => pending,
    _arrive: arrive
  });
  serveHead();
  loadHistory(WITH_HISTORY);
  addEventListener("lanai:patched", () => loadHistory(UNSAVED));
  if (isLive) {
    addEventListener("click", (event) => follow(event, linkOf(event, shown)));
    addEventListener("submit", (event) => follow(event, urlOf(page._history?._actionOf(event))?.href));
  }
  addEventListener("popstate", () => {
    const isShown = withoutFragment(location.href) == shown;
    const entry = entries._enter(isShown);
    if (!entry && new URL(shown).pathname == location.pathname) return;
    if (isShown) {
      settle();
      entries._restoreScroll(entry);
    } else if (entry && tell(location.href, 0, entry)) {
      addEventListener("lanai:patched", () => entries._restoreScroll(entry), { once: true });
    } else visit(location.href, entry ?? entries._unknown());
  });
  function follow(event, url) {
    if (!url) return;
    event.preventDefault();
    if (!tell(url)) visit(url);
  }
  function go(to, isInPlace) {
    const { href: url, origin } = new URL(to[0] == "/" ? page._script.replace(/\/_lanai\/.*/, "") + to : to, shown);
    if (origin != location.origin || !isLive) load(url, void 0, isInPlace);
    else if (!tell(url, isInPlace)) visit(url, void 0, isInPlace ?? 0);
  }
  function tell(url, isInPlace, entry) {
    const isTold = page._history?._tellQuery(url);
    if (isTold) {
      arrive(url, isInPlace, entry);
      settle();
    }
    return isTold;
  }
  function arrive(url, isInPlace, entry) {
    entries._arrive(url, entry, focusedKey(), isInPlace);
    shown = withoutFragment(url);
  }
  async function visit(url, entry, isInPlace) {
    pending?.abort();
    const { signal } = pending = new AbortController();
    isAsked = isInPlace == null;
    const stay = () => {
      entries._stay(entry);
      settle();
    };
    let target = url;
    const mayGo = dispatchEvent(new CustomEvent("lanai:navigate", { detail: url, cancelable: true }));
    if (!mayGo || isAsked && page._history?._mayLeave() == false) return stay();
    const hideProgress = showProgress();
    try {
      let answer;
      let redirects = REDIRECTS;
      for (let next; (next = redirectOf(answer = await (page._fetch ?? fetch)(target, { ...NAVIGATE, signal }))) && redirects--; ) {
        const to = new URL(next, target);
        target = to.href;
        if (to.origin != location.origin) throw 0;
      }
      target = answer.url + new URL(target).hash;
      const fetched = parse(isLivePage(answer) ? await answer.text() : "");
      const part = page._find(fetched);
      if (signal.aborted) return;
      if (!part?.[0] || ![...fetched.scripts].some(({ src }) => src == page._script)) throw 0;
      const removeOld = await addHead(fetched);
      const change = () => {
        if (signal.aborted) return removeOld(true);
        arrive(target, isInPlace, entry);
        page._show(part, () => {
          morphBody(document, fetched, page._live(), part);
          removeOld();
          page._root?._applyEffect(-2 /* Title */, fetched.title);
        });
        if (entry) entries._restoreScroll(entry);
        else entries._scrollTo(target);
        focusPage(fetched.title, entry?.[3 /* Focus */]);
        settle();
        dispatchEvent(new CustomEvent("lanai:navigated", { detail: target }));
      };
      await (page._history?._transition(change) ?? change());
    } catch (error) {
      if (signal.aborted) return;
      if (!error || navigator.onLine) return load(target, entry, isInPlace);
      page._notify("You are offline.");
      stay();
    } finally {
      hideProgress();
    }
  }
  function settle() {
    pending?.abort();
    isAsked = pending = void 0;
    page._history?._settled();
    loadHistory(WITH_HISTORY);
  }
  function loadHistory(selector) {
    if (!page._history && document.querySelector(selector)) page._loadPart("history" /* History */);
  }
  function load(url, entry, isInPlace) {
    pending?.abort();
    isAsked = 0;
    page._history?._unloads();
    if (entry) location.reload();
    else location[isInPlace ? "replace" : "assign"](url);
  }
}
function parse(html) {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  for (const element of parsed.querySelectorAll("noscript")) element.textContent = element.innerHTML;
  return parsed;
}
export {
  install as default
};
