/**
 * Hooks: the page's scripts at the elements that have `data-lanai-hook`.
 *
 * A `MutationObserver` sees what changes. What it has seen when a frame has just been applied is the server's doing; what it reports later
 * is that of the page's own scripts, which may bring and remove elements too, but never count as an update.
 */

import type { Channel } from "./channel.ts";
import type { Channels } from "./channels.ts";
import { callOut } from "./error.ts";

type Callback = "mounted" | "updated" | "destroyed" | "disconnected" | "reconnected";

type Callbacks = { [name in Callback]?: () => void };

/** A hook at work. */
interface Mounted {
  /** The name of its hook. */
  _name: string;
  /** What `this` is in the callbacks. */
  _context: Callbacks;
  _opened: Map<string, Channel>;
  /** Whether it was told that the connection is lost. */
  _isAway: boolean;
}

const ATTRIBUTE = "data-lanai-hook";
const SELECTOR = `[${ATTRIBUTE}]`;
/** Attributes that the client itself sets while an event is under way. */
const OWN = /^data-lanai-|^aria-busy/;

export class Hooks {
  private _hooks = new Map<string, object>();
  private _atWork = new Map<Element, Mounted>();
  private _observer: MutationObserver | undefined;
  /** The channels of the instance that rendered an element; none while that is not known. */
  private declare _channelsAt: (element: Element) => Channels | undefined;

  constructor(channelsAt: (element: Element) => Channels | undefined) {
    this._channelsAt = channelsAt;
  }

  _register(name: string, callbacks: object): void {
    if (this._hooks.has(name)) throw new Error(`lanai: hook "${name}" exists already`);
    this._hooks.set(name, callbacks);
    if (!this._observer) {
      this._observer = new MutationObserver((records) => this._look(records));
      this._observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    }
    this._mountIn([document]);
  }

  /** Looks at the whole page. */
  _scan(): void {
    this._observer?.takeRecords();
    this._leave();
    this._mountIn([document]);
  }

  /** A frame has been applied. */
  _patched(): void {
    const records = this._observer?.takeRecords();
    if (!records?.[0]) return;
    const before = [...this._atWork];
    const touched = new Set<Node>();
    for (const { target, attributeName } of records) {
      if (OWN.test(attributeName!)) continue;
      for (let node: Node | null = target; node && !touched.has(node); node = node.parentNode) touched.add(node);
    }
    this._look(records);
    for (const [element, hook] of before) {
      if (touched.has(element) && this._atWork.get(element) == hook) call(hook, "updated");
    }
    // What the callbacks have changed is theirs, even if the next frame is there already.
    this._look(this._observer!.takeRecords());
  }

  /** The state of the connection has changed. */
  _connectionChanged(state: string): void {
    for (const hook of this._atWork.values()) {
      if (hook._isAway == (state == "open")) {
        hook._isAway = !hook._isAway;
        call(hook, hook._isAway ? "disconnected" : "reconnected");
      }
    }
  }

  private _look(records: MutationRecord[]): void {
    if (!records[0]) return;
    this._leave();
    this._mountIn(records.flatMap(({ target, attributeName, addedNodes }) => (attributeName == ATTRIBUTE ? [target] : [...addedNodes])));
  }

  /** Ends the hooks whose element has left the page, or has another hook now. */
  _leave(): void {
    for (const [element, hook] of this._atWork) {
      if (element.isConnected && element.getAttribute(ATTRIBUTE) == hook._name) continue;
      this._atWork.delete(element);
      call(hook, "destroyed");
      for (const channel of hook._opened.values()) channel.close();
    }
  }

  private _mountIn(nodes: Node[]): void {
    for (const node of nodes) {
      if (!node.isConnected) continue;
      if ((node as Element).matches?.(SELECTOR)) this._mount(node as HTMLElement);
      (node as Element).querySelectorAll?.<HTMLElement>(SELECTOR).forEach((element) => this._mount(element));
    }
  }

  private _mount(element: HTMLElement): void {
    const hookName = element.getAttribute(ATTRIBUTE)!;
    const callbacks = this._hooks.get(hookName);
    const channels = this._channelsAt(element);
    // A callback may have taken it away.
    if (!callbacks || !channels || this._atWork.has(element) || !element.isConnected) return;
    const opened = new Map<string, Channel>();
    const channel = (name: string) => {
      const channel = channels._openChannel(name, opened);
      if (this._atWork.get(element) != hook) channel.close();
      return channel;
    };
    const hook: Mounted = { _name: hookName, _context: Object.assign(Object.create(callbacks), { el: element, channel }), _opened: opened, _isAway: false };
    this._atWork.set(element, hook);
    call(hook, "mounted");
  }
}

function call({ _context: hookContext }: Mounted, name: Callback): void {
  callOut(() => hookContext[name]?.());
}
