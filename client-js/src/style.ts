/**
 * The part `style` of the client: applies the styles of elements by script, since a Content-Security-Policy may forbid
 * the attribute `style`. The server writes them into another attribute.
 *
 * It runs in the head, where it applies the styles of elements while the browser reads the page, and as a module when a
 * frame needs it. It knows neither the page nor the other parts.
 */
(() => {
  const ATTRIBUTE = "data-lanai-style";
  const SELECTOR = `[${ATTRIBUTE}]`;
  const page = globalThis as { lanaiStyle?: true };
  if (page.lanaiStyle) return;
  page.lanaiStyle = true;

  /** The properties that this script has set. Others belong to scripts of the page. */
  const set = new WeakMap<Element, string[]>();
  const { style: parsed } = document.createElement("p");

  const apply = (element: Element): void => {
    const { style } = element as HTMLElement;
    parsed.cssText = element.getAttribute(ATTRIBUTE) ?? "";
    for (const name of set.get(element) ?? []) if (!parsed.getPropertyValue(name)) style.removeProperty(name);
    const names = [...parsed];
    for (const name of names) style.setProperty(name, parsed.getPropertyValue(name), parsed.getPropertyPriority(name));
    set.set(element, names);
  };
  const scan = (node: Node): void => {
    const element = node as Element;
    if (element.matches?.(SELECTOR)) apply(element);
    element.querySelectorAll?.(SELECTOR).forEach(apply);
  };

  new MutationObserver((records) => {
    for (const { target, addedNodes, attributeName } of records) {
      if (attributeName) apply(target as Element);
      else addedNodes.forEach(scan);
    }
  }).observe(document, { subtree: true, childList: true, attributeFilter: [ATTRIBUTE] });
  scan(document);
})();
