// src/browser/index.ts
var served = /* @__PURE__ */ new WeakSet();
function serve(channels) {
  if (served.has(channels)) return;
  served.add(channels);
  const channel = channels._openChannel("lanai", /* @__PURE__ */ new Map());
  for (const name in handlers) channel.on(name, handlers[name]);
}
var handlers = {
  download({ url, name }) {
    const link = document.createElement("a");
    link.href = new URL(url, import.meta.url).href;
    link.download = name;
    link.click();
  },
  open(url) {
    const opened = open(url, "_blank");
    if (!opened) throw new Error("the browser has blocked the window");
    opened.opener = null;
  },
  copy(text) {
    if (!navigator.clipboard) throw new Error("this page has no access to the clipboard");
    return navigator.clipboard.writeText(text);
  },
  get: ({ area, key }) => storage(area).getItem(key),
  set({ area, key, value }) {
    if (value == null) storage(area).removeItem(key);
    else storage(area).setItem(key, value);
  },
  measure(selector) {
    const { x, y, width, height } = find(selector).getBoundingClientRect();
    return { x, y, width, height };
  },
  async notify({ title, ...options }) {
    if (await Notification.requestPermission() != "granted") throw new Error("the person does not allow notifications");
    new Notification(title, options);
  },
  share: (data) => navigator.share(data),
  full_screen: (selector) => selector == null ? document.exitFullscreen() : find(selector).requestFullscreen(),
  vibrate: (pattern) => void navigator.vibrate?.(pattern),
  theme(name) {
    const { dataset } = document.documentElement;
    if (name == null) delete dataset["theme"];
    else dataset["theme"] = name;
  }
};
function storage(area) {
  return area == "local" ? localStorage : sessionStorage;
}
function find(selector) {
  const element = document.querySelector(selector);
  if (!element) throw new Error(`no element on the page matches ${selector}`);
  return element;
}
export {
  serve as default
};
