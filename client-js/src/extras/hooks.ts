/**
 * Hooks: scripts for the elements that have `data-lanai-hook`.
 *
 * A `MutationObserver` records changes. The changes recorded right after a frame are the server's; those that it
 * reports later are from the page's scripts, which may add and remove hooked elements, but cause no updates.
 */

import type { Channel } from "./channel.ts";
import type { Channels } from "./channels.ts";
import { callScript } from "./error.ts";

type Callback = "mounted" | "updated" | "destroyed" | "disconnected" | "reconnected";

type Callbacks = { [name in Callback]?: () => void };

/** A hook that is mounted on an element. */
interface MountedHook {
  /** The name of its hook. */
  _name: string;
  /** What `this` is in the callbacks. */
  _context: Callbacks;
  _opened: Map<string, Channel>;
  /** Whether `disconnected` was called and `reconnected` was not. */
  _isDisconnected: boolean;
}

const ATTRIBUTE = "data-lanai-hook";
const SELECTOR = `[${ATTRIBUTE}]`;
/** Attributes that the client sets itself while an event is pending. */
const CLIENT_ATTRIBUTES = /^data-lanai-|^aria-busy/;

export class Hooks {
  private _hooks = new Map<string, object>();
  private _mounted = new Map<Element, MountedHook>();
  private declare _observer: MutationObserver | undefined;
  /** The channels of the instance that rendered an element; undefined while that is unknown. */
  private declare _channelsAt: (element: Element) => Channels | undefined;

  constructor(channelsAt: (element: Element) => Channels | undefined) {
    this._channelsAt = channelsAt;
  }

  _register(name: string, callbacks: object): void {
    if (this._hooks.has(name)) throw new Error(`lanai: hook "${name}" already exists`);
    this._hooks.set(name, callbacks);
    if (!this._observer) {
      this._observer = new MutationObserver((records) => this._process(records));
      this._observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    }
    this._mountIn([document]);
  }

  /** Unmounts and mounts hooks on the whole page. */
  _scan(): void {
    this._observer?.takeRecords();
    this._unmount();
    this._mountIn([document]);
  }

  /** Called after a frame. */
  _patched(): void {
    const records = this._observer?.takeRecords();
    if (!records?.[0]) return;
    const before = [...this._mounted];
    const touched = new Set<Node>();
    for (const { target, attributeName } of records) {
      if (CLIENT_ATTRIBUTES.test(attributeName!)) continue;
      for (let node: Node | null = target; node && !touched.has(node); node = node.parentNode) touched.add(node);
    }
    this._process(records);
    for (const [element, hook] of before) {
      if (touched.has(element) && this._mounted.get(element) == hook) call(hook, "updated");
    }
    // The changes that the callbacks made are theirs, even if the next frame follows at once.
    this._process(this._observer!.takeRecords());
  }

  /** Called when the state of the connection has changed. */
  _connectionChanged(state: string): void {
    for (const hook of this._mounted.values()) {
      if (hook._isDisconnected == (state == "open")) {
        hook._isDisconnected = !hook._isDisconnected;
        call(hook, hook._isDisconnected ? "disconnected" : "reconnected");
      }
    }
  }

  private _process(records: MutationRecord[]): void {
    if (!records[0]) return;
    this._unmount();
    this._mountIn(records.flatMap(({ target, attributeName, addedNodes }) => (attributeName == ATTRIBUTE ? [target] : [...addedNodes])));
  }

  /** Unmounts the hooks whose element has left the page or has another hook now. */
  _unmount(): void {
    for (const [element, hook] of this._mounted) {
      if (element.isConnected && element.getAttribute(ATTRIBUTE) == hook._name) continue;
      this._mounted.delete(element);
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
    // A callback may have removed the element.
    if (!callbacks || !channels || this._mounted.has(element) || !element.isConnected) return;
    const opened = new Map<string, Channel>();
    const channel = (name: string) => {
      const channel = channels._openChannel(name, opened);
      if (this._mounted.get(element) != hook) channel.close();
      return channel;
    };
    const hook: MountedHook = { _name: hookName, _context: Object.assign(Object.create(callbacks), { el: element, channel }), _opened: opened, _isDisconnected: false };
    this._mounted.set(element, hook);
    call(hook, "mounted");
  }
}

function call({ _context: hookContext }: MountedHook, name: Callback): void {
  callScript(() => hookContext[name]?.());
}
