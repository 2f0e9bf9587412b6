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

export const nodeType = getter<number>(node, "nodeType");
export const firstChild = getter<ChildNode | null>(node, "firstChild");
export const lastChild = getter<ChildNode | null>(node, "lastChild");
export const nextSibling = getter<ChildNode | null>(node, "nextSibling");
export const previousSibling = getter<ChildNode | undefined>(node, "previousSibling");
export const parentNode = getter<ParentNode | null>(node, "parentNode");
export const isConnected = getter<boolean>(node, "isConnected");
export const localName = getter<string>(element, "localName");

export const contains = method<Node["contains"]>(node, "contains");
export const insertBefore = method<(added: Node, before: Node | null) => void>(node, "insertBefore");
export const removeChild = method<(child: Node) => void>(node, "removeChild");
/** Replaces all children of an element, in one removal instead of one for each child. */
export const replaceChildren = method<Element["replaceChildren"]>(element, "replaceChildren");
export const matches = method<(selectors: string) => boolean>(element, "matches");
export const closest = method<(selectors: string) => Element | null>(element, "closest");
export const select = method<(selectors: string) => NodeListOf<Element>>(element, "querySelectorAll");
export const getAttribute = method<Element["getAttribute"]>(element, "getAttribute");
export const setAttribute = method<Element["setAttribute"]>(element, "setAttribute");
export const removeAttribute = method<Element["removeAttribute"]>(element, "removeAttribute");
export const toggleAttribute = method<Element["toggleAttribute"]>(element, "toggleAttribute");

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
