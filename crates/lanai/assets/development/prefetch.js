// src/url.ts
function withoutFragment(url) {
  return url.replace(/#.*/s, "");
}

// src/navigation/link.ts
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

// src/protocol.ts
var OF_PART = "~";
var OF_WINDOW = OF_PART + "window:";
var OF_SHORTCUT = OF_PART + "shortcut:";
var UNSAVED = "[data-lanai-unsaved]";
var PREFETCH = "[data-lanai-prefetch]";
var WITH_HISTORY = `form,input,textarea,${UNSAVED},meta[name=view-transition],${PREFETCH}`;
function isLivePage({ headers }) {
  return headers.get("lanai") == "live";
}
var PREFETCH_REQUEST = { headers: { lanai: "prefetch" }, cache: "no-store" };
function isPrefetch(request) {
  return request.headers.lanai == "prefetch";
}

// src/prefetch/index.ts
var DWELL = 80;
var KEPT = 1e4;
var PAGES = 4;
var IN_VIEW = 8;
function install(page) {
  const { _fetch: load = fetch } = page;
  const pages = /* @__PURE__ */ new Map();
  let left = IN_VIEW;
  let dwelling;
  page._fetch = async (url, request) => {
    if (isPrefetch(request)) return load(url, request);
    const kept = current(withoutFragment(url));
    pages.clear();
    clearTimeout(dwelling);
    left = IN_VIEW;
    const answer = await kept?.[0].catch(() => {
    });
    return answer && isLivePage(answer) ? answer : load(url, request);
  };
  const observer = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      observer.unobserve(target);
      const url = left > 0 && wanted([target]);
      if (url && prefetch(url)) left--;
    }
  });
  observe();
  for (const type of ["lanai:patched", "lanai:navigated"]) addEventListener(type, observe);
  addEventListener("pointerover", (event) => event.pointerType == "mouse" && intend(event));
  addEventListener("pointerdown", (event) => intend(event, event.pointerType == "mouse" ? 0 : DWELL), { passive: true });
  addEventListener("pointercancel", () => clearTimeout(dwelling));
  addEventListener("focusin", (event) => intend(event));
  const session = Object.getPrototypeOf(page._root);
  const { _post: post } = session;
  session._post = function(sent) {
    pages.clear();
    post.call(this, sent);
  };
  function observe() {
    for (const link of document.querySelectorAll("[data-lanai-prefetch=view] a[href],a[data-lanai-prefetch=view]")) observer.observe(link);
  }
  function intend(event, dwell = DWELL) {
    clearTimeout(dwelling);
    const url = wanted(event.composedPath());
    if (url) dwelling = setTimeout(() => prefetch(url), dwell);
  }
  function wanted(path) {
    const url = urlOfLink(path, page._shownUrl());
    const by = url && path[0].closest?.(PREFETCH)?.getAttribute(PREFETCH.slice(1, -1));
    return by == null || by == "never" || new URL(url).pathname == location.pathname ? void 0 : withoutFragment(url);
  }
  function prefetch(url) {
    if (current(url) || !navigator.onLine || navigator.connection?.saveData) return false;
    pages.delete(url);
    for (const oldest of pages.keys()) if (pages.size >= PAGES) pages.delete(oldest);
    const answer = page._fetch(url, PREFETCH_REQUEST);
    answer.catch(() => {
    });
    pages.set(url, [answer, Date.now()]);
    return true;
  }
  function current(url) {
    const kept = pages.get(url);
    return kept && Date.now() - kept[1] < KEPT ? kept : void 0;
  }
}
export {
  install as default
};
