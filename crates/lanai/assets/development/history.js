// src/protocol.ts
var OF_PART = "~";
var OF_WINDOW = OF_PART + "window:";
var OF_SHORTCUT = OF_PART + "shortcut:";
var UNSAVED = "[data-lanai-unsaved]";
var PREFETCH = "[data-lanai-prefetch]";
var WITH_HISTORY = `form,input,textarea,${UNSAVED},meta[name=view-transition],${PREFETCH}`;
var QUERY_CHANGED = '"","query"';

// src/url.ts
function withoutFragment(url) {
  return url.replace(/#.*/s, "");
}

// src/history/abandon.ts
function abandon({ _opening: opening, _closing: closing }) {
  const range = document.createRange();
  range.setStartBefore(opening);
  range.setEndAfter(closing);
  const form = document.createElement("form");
  form.id = "lanai-left";
  document.body.append(form);
  for (const control of document.querySelectorAll("input,textarea,select")) if (range.intersectsNode(control)) Element.prototype.setAttribute.call(control, "form", form.id);
  form.reset();
  form.remove();
}

// src/history/action.ts
function actionOf(event) {
  const { target: form, submitter } = event;
  const attribute = (name) => submitter?.getAttribute("form" + name) ?? Element.prototype.getAttribute.call(form, name);
  if (event.defaultPrevented || /^(post|dialog)$/i.test(attribute("method") ?? "")) return;
  const url = new URL(attribute("action") || location.href, document.baseURI);
  const fields = [...new FormData(form, submitter)].map(([name, value]) => [name, typeof value == "string" ? value : value.name]);
  url.search = `${new URLSearchParams(fields)}`;
  url.hash = "";
  return [form, attribute("target"), url.href];
}

// src/history/flash.ts
var Flashes = class {
  _held = [];
  _add(flash) {
    this._held.push(flash);
  }
  /** Shows what is held. */
  _show(page) {
    for (const [level, text] of this._held.splice(0)) {
      const region = document.querySelector("[data-lanai-flash]");
      if (!region) page._notify(text);
      const message = document.createElement("p");
      message.dataset["level"] = level;
      if (level == "error") message.role = "alert";
      message.textContent = text;
      region?.append(message);
    }
  }
  /** Hands what is held to the next document, in the cookie that plain handlers use too. */
  _handOver() {
    const held = this._held.splice(0).map(([level, text]) => level + "." + encodeURIComponent(text));
    if (held[0]) document.cookie = `lanai-flash=${held.join("|")}; path=/; max-age=60; samesite=lax`;
  }
};

// src/history/query.ts
var QueryWatch = class {
  /** The instances that want to know when the query changes, and the root of their page. */
  _instances = /* @__PURE__ */ new Set();
  _root;
  _add(instance, root) {
    if (this._root != root) this._instances.clear();
    this._root = root;
    this._instances.add(instance);
  }
  /** Tells the views about the query of `url`. Returns false if it is that of another page, or no view wants to know. */
  _tell(page, url) {
    const { pathname, search } = new URL(url);
    const told = [...this._instances].filter((instance) => this._root == page._root && !instance._host._hasEnded);
    if (!told[0] || pathname != new URL(page._shownUrl()).pathname) return false;
    page._sendHeld();
    for (const instance of told) {
      instance._post({
        _number: 0,
        _handler: QUERY_CHANGED,
        _payload: JSON.stringify(search),
        _happenedAt: page._elements ? ++page._elements._editClock : 0
      });
    }
    return true;
  }
};

// src/motion.ts
function prefersStill() {
  return matchMedia("(prefers-reduced-motion)").matches;
}
function scrollIntoView(element) {
  Element.prototype.scrollIntoView.call(element, { behavior: prefersStill() ? "instant" : "smooth" });
}

// src/history/scroll.ts
function scrollToElement(instance, selector) {
  const element = instance._findElement(selector);
  if (element) scrollIntoView(element);
}

// src/history/transition.ts
var current;
var isTaken = false;
async function transition(change) {
  const isWanted = document.querySelector('meta[name="view-transition"]') && !prefersStill();
  if (!isWanted || !document.startViewTransition) return change();
  const own = current = document.startViewTransition(change);
  own.finished.finally(() => own == current && (current = void 0));
  own.ready.catch(() => {
  });
  await own.updateCallbackDone;
}
addEventListener(
  "pointerdown",
  () => {
    isTaken = !!current;
    current?.skipTransition();
  },
  true
);
addEventListener(
  "click",
  (event) => {
    if (!isTaken || event.target != document.documentElement) return;
    isTaken = false;
    event.stopImmediatePropagation();
    const meant = document.elementFromPoint(event.clientX, event.clientY);
    meant?.focus();
    meant?.dispatchEvent(new MouseEvent("click", event));
  },
  true
);

// src/history/unsaved.ts
function mayLeave() {
  const element = document.querySelector(UNSAVED);
  return !element || confirm(element.getAttribute(UNSAVED.slice(1, -1)) || "Leave this page? Your changes are not saved.");
}
function guardDocument() {
  (document.querySelector(UNSAVED) ? addEventListener : removeEventListener)("beforeunload", ask);
}
function unguardDocument() {
  removeEventListener("beforeunload", ask);
}
function ask(event) {
  event.preventDefault();
}

// src/history/index.ts
function install(page) {
  const flashes = new Flashes();
  const queries = new QueryWatch();
  page._history = {
    _apply(instance, op, arg) {
      if (op == -18 /* Flash */) {
        flashes._add(arg);
        queueMicrotask(() => page._isLeaving() || flashes._show(page));
      } else if (op == -15 /* Scroll */) {
        scrollToElement(instance, arg);
      } else if (arg) {
        write(...arg);
      } else {
        queries._add(instance, page._root);
      }
    },
    _tellQuery: (url) => queries._tell(page, url),
    _actionOf: actionOf,
    _abandon: abandon,
    _mayLeave: mayLeave,
    _transition: transition,
    _settled() {
      flashes._show(page);
      guardDocument();
      loadPrefetch();
    },
    _unloads() {
      flashes._handOver();
      unguardDocument();
    }
  };
  guardDocument();
  loadPrefetch();
  addEventListener("lanai:patched", guardDocument);
  function loadPrefetch() {
    if (document.querySelector(PREFETCH)) page._loadPart("prefetch" /* Prefetch */);
  }
  function write(query, isInPlace) {
    const url = new URL(location.href);
    const isShown = withoutFragment(url.href) == page._shownUrl();
    url.search = query;
    if (isShown && url.href != location.href) page._arrive(url.href, isInPlace);
  }
}
export {
  install as default
};
