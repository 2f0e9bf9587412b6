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
  hookName: string;
  /** What `this` is in the callbacks. */
  hookContext: Callbacks;
  opened: Map<string, Channel>;
  /** Whether it was told that the connection is lost. */
  isAway: boolean;
}

const ATTRIBUTE = "data-lanai-hook";
const SELECTOR = `[${ATTRIBUTE}]`;
/** Attributes that the client itself sets while an event is under way. */
const OWN = /^data-lanai-|^aria-busy/;

export class Hooks {
  private hooks = new Map<string, object>();
  private atWork = new Map<Element, Mounted>();
  private observer: MutationObserver | undefined;
  /** The channels of the instance that rendered an element; none while that is not known. */
  private declare channelsAt: (element: Element) => Channels | undefined;

  constructor(channelsAt: (element: Element) => Channels | undefined) {
    this.channelsAt = channelsAt;
  }

  registerHook(name: string, callbacks: object): void {
    if (this.hooks.has(name)) throw new Error(`lanai: hook "${name}" exists already`);
    this.hooks.set(name, callbacks);
    if (!this.observer) {
      this.observer = new MutationObserver((records) => this.look(records));
      this.observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    }
    this.mountIn([document]);
  }

  /** Looks at the whole page. */
  scan(): void {
    this.observer?.takeRecords();
    this.leave();
    this.mountIn([document]);
  }

  /** A frame has been applied. */
  patched(): void {
    const records = this.observer?.takeRecords();
    if (!records?.[0]) return;
    const before = [...this.atWork];
    const touched = new Set<Node>();
    for (const { target, attributeName } of records) {
      if (OWN.test(attributeName!)) continue;
      for (let node: Node | null = target; node && !touched.has(node); node = node.parentNode) touched.add(node);
    }
    this.look(records);
    for (const [element, hook] of before) {
      if (touched.has(element) && this.atWork.get(element) == hook) call(hook, "updated");
    }
    // What the callbacks have changed is theirs, even if the next frame is there already.
    this.look(this.observer!.takeRecords());
  }

  /** The state of the connection has changed. */
  connectionIs(state: string): void {
    for (const hook of this.atWork.values()) {
      if (hook.isAway == (state == "open")) {
        hook.isAway = !hook.isAway;
        call(hook, hook.isAway ? "disconnected" : "reconnected");
      }
    }
  }

  private look(records: MutationRecord[]): void {
    if (!records[0]) return;
    this.leave();
    this.mountIn(records.flatMap(({ target, attributeName, addedNodes }) => (attributeName == ATTRIBUTE ? [target] : [...addedNodes])));
  }

  /** Ends the hooks whose element has left the page, or has another hook now. */
  leave(): void {
    for (const [element, hook] of this.atWork) {
      if (element.isConnected && element.getAttribute(ATTRIBUTE) == hook.hookName) continue;
      this.atWork.delete(element);
      call(hook, "destroyed");
      for (const channel of hook.opened.values()) channel.close();
    }
  }

  private mountIn(nodes: Node[]): void {
    for (const node of nodes) {
      if (!node.isConnected) continue;
      if ((node as Element).matches?.(SELECTOR)) this.mount(node as HTMLElement);
      (node as Element).querySelectorAll?.<HTMLElement>(SELECTOR).forEach((element) => this.mount(element));
    }
  }

  private mount(element: HTMLElement): void {
    const hookName = element.getAttribute(ATTRIBUTE)!;
    const callbacks = this.hooks.get(hookName);
    const channels = this.channelsAt(element);
    // A callback may have taken it away.
    if (!callbacks || !channels || this.atWork.has(element) || !element.isConnected) return;
    const opened = new Map<string, Channel>();
    const channel = (name: string) => {
      const channel = channels.openChannel(name, opened);
      if (this.atWork.get(element) != hook) channel.close();
      return channel;
    };
    const hook: Mounted = { hookName, hookContext: Object.assign(Object.create(callbacks), { el: element, channel }), opened, isAway: false };
    this.atWork.set(element, hook);
    call(hook, "mounted");
  }
}

function call({ hookContext }: Mounted, name: Callback): void {
  callOut(() => hookContext[name]?.());
}
