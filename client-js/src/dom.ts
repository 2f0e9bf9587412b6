/**
 * The DOM's own properties and methods, as functions.
 *
 * A form field shadows the form's property of the same name: with `<input name="matches">` inside, `form.matches` is
 * the input. (HTML, "The form element": the named properties of a form override its own properties.) So the client
 * never reads a property directly from something that may be a form.
 */

const { prototype: node } = Node;
const { prototype: element } = Element;

/** Returns the getter of a property as a function of the node. */
function getter<T>(prototype: object, name: string): (self: unknown) => T {
  return Function.prototype.call.bind(Object.getOwnPropertyDescriptor(prototype, name)!.get!);
}

/** Returns a method as a function whose first argument is the node. */
function method<M extends (...args: any) => any>(prototype: object, name: string): (self: unknown, ...args: Parameters<M>) => ReturnType<M> {
  return Function.prototype.call.bind((prototype as any)[name]);
}

export const nodeType = /* @__PURE__ */ getter<number>(node, "nodeType");
export const firstChild = /* @__PURE__ */ getter<ChildNode | null>(node, "firstChild");
export const lastChild = /* @__PURE__ */ getter<ChildNode | null>(node, "lastChild");
export const nextSibling = /* @__PURE__ */ getter<ChildNode | null>(node, "nextSibling");
export const previousSibling = /* @__PURE__ */ getter<ChildNode | undefined>(node, "previousSibling");
export const parentNode = /* @__PURE__ */ getter<ParentNode | null>(node, "parentNode");
export const isConnected = /* @__PURE__ */ getter<boolean>(node, "isConnected");
export const localName = /* @__PURE__ */ getter<string>(element, "localName");

export const contains = /* @__PURE__ */ method<Node["contains"]>(node, "contains");
export const insertBefore = /* @__PURE__ */ method<(added: Node, before: Node | null) => void>(node, "insertBefore");
export const removeChild = /* @__PURE__ */ method<(child: Node) => void>(node, "removeChild");
/** Replaces all children of an element, in one removal instead of one for each child. */
export const replaceChildren = /* @__PURE__ */ method<Element["replaceChildren"]>(element, "replaceChildren");
export const matches = /* @__PURE__ */ method<(selectors: string) => boolean>(element, "matches");
export const closest = /* @__PURE__ */ method<(selectors: string) => Element | null>(element, "closest");
export const select = /* @__PURE__ */ method<(selectors: string) => NodeListOf<Element>>(element, "querySelectorAll");
export const getAttribute = /* @__PURE__ */ method<Element["getAttribute"]>(element, "getAttribute");
export const setAttribute = /* @__PURE__ */ method<Element["setAttribute"]>(element, "setAttribute");
export const removeAttribute = /* @__PURE__ */ method<Element["removeAttribute"]>(element, "removeAttribute");
export const toggleAttribute = /* @__PURE__ */ method<Element["toggleAttribute"]>(element, "toggleAttribute");

/** The fields of a form. (A function, so that parts without forms leave it out.) */
export function fieldsOf(form: unknown): HTMLFormControlsCollection {
  return getter<HTMLFormControlsCollection>(HTMLFormElement.prototype, "elements")(form);
}

/** The path that an event of `target` would take. */
export function pathOf(target: Node): EventTarget[] {
  const path: EventTarget[] = [];
  for (let node: Node | null = target; node; node = parentNode(node)) path.push(node);
  return path;
}

/** Removes a node from its parent, if it has one. */
export function detach(node: Node): void {
  const parent = parentNode(node);
  if (parent) removeChild(parent, node);
}

/** (The target of an event may be the window, which is no node.) */
export function isElement(node: unknown): node is Element {
  return node != globalThis && nodeType(node) == 1;
}

export function isText(node: Node | null): node is Text {
  return !!node && nodeType(node) == 3;
}

export function isComment(node: Node): node is Comment {
  return nodeType(node) == 8;
}

export function isForm(element: Element): element is HTMLFormElement {
  return localName(element) == "form";
}
