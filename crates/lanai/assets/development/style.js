// src/style.ts
(() => {
  const ATTRIBUTE = "data-lanai-style";
  const SELECTOR = `[${ATTRIBUTE}]`;
  const page = globalThis;
  if (page.lanaiStyle) return;
  page.lanaiStyle = true;
  const set = /* @__PURE__ */ new WeakMap();
  const { style: parsed } = document.createElement("p");
  const apply = (element) => {
    const { style } = element;
    parsed.cssText = element.getAttribute(ATTRIBUTE) ?? "";
    for (const name of set.get(element) ?? []) if (!parsed.getPropertyValue(name)) style.removeProperty(name);
    const names = [...parsed];
    for (const name of names) style.setProperty(name, parsed.getPropertyValue(name), parsed.getPropertyPriority(name));
    set.set(element, names);
  };
  const scan = (node) => {
    const element = node;
    if (element.matches?.(SELECTOR)) apply(element);
    element.querySelectorAll?.(SELECTOR).forEach(apply);
  };
  new MutationObserver((records) => {
    for (const { target, addedNodes, attributeName } of records) {
      if (attributeName) apply(target);
      else addedNodes.forEach(scan);
    }
  }).observe(document, { subtree: true, childList: true, attributeFilter: [ATTRIBUTE] });
  scan(document);
})();
