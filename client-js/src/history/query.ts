/**
 * The query of the URL as state of the views: they change it, and are told when the person does.
 */

import type { Instance } from "../instance.ts";
import type { Page } from "../parts.ts";
import { QUERY_CHANGED } from "../protocol.ts";

export class QueryWatch {
  /** The instances that want to know when the query changes, and the root of their page. */
  private _instances = new Set<Instance>();
  private _root: Instance | undefined;

  _add(instance: Instance, root: Instance | undefined): void {
    if (this._root != root) this._instances.clear();
    this._root = root;
    this._instances.add(instance);
  }

  /** Tells the views about the query of `url`. Returns false if it is that of another page, or no view wants to know. */
  _tell(page: Page, url: string): boolean {
    const { pathname, search } = new URL(url);
    const told = [...this._instances].filter((instance) => this._root == page._root && !instance._host._hasEnded);
    if (!told[0] || pathname != new URL(page._shownUrl!()).pathname) return false;
    // What was typed before must not arrive after it.
    page._sendHeld();
    for (const instance of told) {
      instance._post({
        _number: 0,
        _handler: QUERY_CHANGED,
        _payload: JSON.stringify(search),
        _happenedAt: page._elements ? ++page._elements._editClock : 0,
      });
    }
    return true;
  }
}
