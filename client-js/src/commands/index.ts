/**
 * The part `commands` of the client: what handlers do without the server, what a page shows until an event is answered,
 * and what the server asks of the browser.
 *
 * The page imports it when an event specification has commands, or a frame needs it. It surrounds methods of the
 * classes of the page's objects, since most pages do without it.
 */

import type { Handler } from "../handler.ts";
import type { Instance } from "../instance.ts";
import type { Page } from "../parts.ts";
import { type Command, Effect, Limit, partUrl, UrlName } from "../protocol.ts";
import type { Session } from "../session.ts";
import { advance, redoAll, undoAll } from "./advance.ts";
import { wrote } from "./kept.ts";
import { run } from "./run.ts";

/** The last event of a handler, until it is sent. */
const events = new WeakMap<Handler, Event>();
/** The commands of the frame that is being applied. */
let commanded: Command[] = [];

export default function install(page: Page): void {
  // Without a root, the HTML could not be hydrated, and the page mounts again.
  const session: Session | undefined = page._root && Object.getPrototypeOf(page._root);
  if (!session) return;
  const instance: Instance = Object.getPrototypeOf(session);
  const { _applyFrame: applyFrame, _applyEffect: applyEffect } = instance;
  const { _post: post, _attached: attached } = session;
  const { _show: show } = page;
  page._wrote = wrote;

  page._commands = (handler, event) => {
    const { _spec: { _payload: payload, _options: options, _commands: commands }, _owner: owner } = handler;
    if (options.o && handler._until != null) return;
    if (payload == null) handler._until = 0;
    events.set(handler, event);
    run(commands![0], owner);
  };

  instance._applyFrame = function (acknowledged, ops) {
    undoAll();
    applyFrame.call(this, acknowledged, ops);
    redoAll(page, ({ _instance: of, _number: number }) => of != this || number > this._acknowledged);
    run(commanded.splice(0));
  };

  instance._applyEffect = function (op, arg) {
    if (op == Effect.Run) commanded.push(...(arg as Command[]));
    else {
      if (op == Effect.Channel && (arg as string[])[0] == "lanai") {
        import(partUrl(page._script, UrlName.Browser)).then((module) => module.default(this._host._channels), console.warn);
      }
      applyEffect.call(this, op, arg);
    }
  };

  session._post = function (sent) {
    post.call(this, sent);
    const { _owner: owner, _handler: number, _number: event } = sent;
    const handler = owner && page._handlersOf(owner).find((one) => one._number == number && one._instance == this);
    const later = handler?._spec._commands?.[1];
    const happened = handler && events.get(handler);
    // (Without the second, it has happened before this part was loaded.)
    if (later && happened) advance(handler, happened, event, later);
  };

  session._attached = function (event) {
    attached.call(this, event);
    // Frames follow with the answers to these events. If there are none, nothing else tells that they were answered.
    setTimeout(settle, Limit.AckDelay);
  };

  page._show = (part, swap) => {
    undoAll();
    redoAll(page, () => false);
    show(part, swap);
  };

  // The page may have been mounted again, or the view may have ended.
  addEventListener("lanai:connection", settle);

  function settle(): void {
    undoAll();
    redoAll(page, ({ _instance: { _queue: queue }, _number: number }) => queue._sent.some((sent) => sent._number == number));
  }

  const sheet = new CSSStyleSheet();
  // Otherwise, any rule with `display` shows what is hidden.
  sheet.replaceSync("[hidden]:not([hidden=until-found]){display:none!important}");
  document.adoptedStyleSheets.push(sheet);
}
