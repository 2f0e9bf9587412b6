/**
 * Conformance: applies frames to a live part and compares the result with a fresh rendering. It runs the client's own
 * code, in a browser or in happy-dom.
 */

import { Content } from "./content.ts";
import { StatefulElements } from "./elements/index.ts";
import { Violation, fail } from "./violation.ts";
import { handlersOf } from "./handler.ts";
import { Instance } from "./instance.ts";
import { type Boot, Mark, type Ops, read } from "./protocol.ts";

export interface Step {
  /** The text of a frame. */
  frame: string;
  /** The HTML of a fresh rendering: the live part between its root comments. */
  expect: string;
  /** The handler numbers in document order. */
  handlers?: number[];
}

export interface Case {
  /** The live part with its root comments. */
  html: string;
  boot: Boot;
  steps: Step[];
}

export interface Mismatch {
  /** The step that failed; -1 is hydration. */
  step: number;
  what: string;
  expected: string;
  found: string;
}

/** An instance without a server. */
class Alone extends Instance {
  override _post(): void {}
  override _viewEnded(): void {}
}

const HOST = { _build: "", _transmit() {}, _listen() {}, _sessionAttached() {}, _end() {}, _elements: new StatefulElements() };

/** Runs one case and returns the first mismatch. Removes the live part from the document afterward. */
export function runCase(document: Document, { html, boot, steps }: Case): Mismatch | undefined {
  const holder = document.createElement("div");
  holder.innerHTML = html;
  document.body.append(holder);
  try {
    const comment = (data: string) => [...holder.childNodes].find((n) => n.nodeType == 8 && (n as Comment).data == data);
    const [start, end] = [comment(Mark.RootStart) as Comment, comment(Mark.RootEnd) as Comment];
    const before = normal(holder);
    let instance: Instance;
    try {
      instance = new Alone(boot, new Content(start, end), HOST);
    } catch (error) {
      return { step: -1, what: "hydration failed", expected: "", found: String(error) };
    }
    const after = normal(holder);
    if (before != after) return { step: -1, what: "hydration changed the HTML", expected: before, found: after };
    for (const [index, { frame, expect, handlers }] of steps.entries()) {
      const mismatch = (what: string, expected: string, found: string) => ({ step: index, what, expected, found });
      try {
        const other = () => fail(Violation.Operation);
        const session = { _receiveFrame: (acknowledged: number, ops: Ops) => instance._applyFrame(acknowledged, ops), _attached: other };
        read(JSON.parse(frame), session, { _remount: other, _reload: other, _end: other });
      } catch (error) {
        return mismatch("the frame was refused", "", String((error as Error).stack));
      }
      const fresh = document.createElement("div");
      fresh.innerHTML = /^<!--lanai-->/.test(expect) ? expect : `<!--${Mark.RootStart}-->${expect}<!--${Mark.RootEnd}-->`;
      const [expected, found] = [normal(fresh), normal(holder)];
      if (expected != found) return mismatch("the HTML differs", expected, found);
      if (handlers) {
        const ids = JSON.stringify(handlerIds(holder));
        if (ids != JSON.stringify(handlers)) return mismatch("the handlers differ", JSON.stringify(handlers), ids);
      }
    }
    return undefined;
  } finally {
    holder.remove();
  }
}

/** The handler numbers in document order. */
export function handlerIds(node: Node): number[] {
  const ids = handlersOf(node).map(({ _number: number }) => number);
  for (const child of node.childNodes) ids.push(...handlerIds(child));
  return ids;
}

/**
 * The content of a node in a form that is equal for equal documents: one node per line, attributes sorted by name,
 * without `data-l` and content descriptors, adjacent text joined, and empty text omitted.
 */
export function normal(node: Node, indent = ""): string {
  let out = "";
  let text = "";
  const flush = () => {
    if (text) out += `${indent}${JSON.stringify(text)}\n`;
    text = "";
  };
  const content = (node as HTMLTemplateElement).content ?? node;
  for (const child of content.childNodes) {
    if (child.nodeType == 3) {
      text += (child as Text).data;
      continue;
    }
    flush();
    if (child.nodeType == 8) {
      const { data } = child as Comment;
      out += `${indent}<!--${data[0] == "[" ? "[" : data}-->\n`;
    } else {
      const element = child as Element;
      const attributes = [...element.attributes].filter(({ name }) => name != Mark.Element).map((a) => ` ${a.name}=${JSON.stringify(a.value)}`);
      const space = /svg$/.test(element.namespaceURI ?? "") ? "svg:" : /MathML$/.test(element.namespaceURI ?? "") ? "math:" : "";
      out += `${indent}<${space}${element.localName}${attributes.sort().join("")}>\n${normal(element, indent + "  ")}`;
    }
  }
  flush();
  return out;
}
