/**
 * The page: hydrates the instance in its HTML, connects it, and mounts again when the server no longer has the
 * instance.
 */

import { preserve } from "./preserve.ts";
import { Notice, notify, showState } from "./connection.ts";
import { Content } from "./content.ts";
import { isComment, previousSibling } from "./dom.ts";
import { createEvents } from "./events.ts";
import { rememberScrolled } from "./focus.ts";
import type { LivePart, Page } from "./parts.ts";
import { Violation, fail } from "./violation.ts";
import { handlersOf } from "./handler.ts";
import { UrlName, type Boot, buildOf, isEnd, isRootOf, Limit, STATEFUL, Mark, neededBy, partUrl, read, REMOUNT, PageMessage, VERSION } from "./protocol.ts";
import { Session } from "./session.ts";
import { createSocket } from "./socket.ts";
import { withoutFragment } from "./url.ts";

/** Imports another part of the client. */
type Import = (address: string) => Promise<{ default?: (page: Page) => void }>;

const enum Retries {
  /** How often a page mounts again after violations before it gives up. */
  Limit = 3,
  /** How long the last violation counts, in milliseconds. */
  Window = 60_000,
}

/**
 * The parts that a frame may need, in the order of the bits of `Needs`. `extras` has no name here, since it is installed
 * for each root.
 */
const PARTS = "elements  navigation history commands style uploads   rows";

/** Starts the document's live part, if it has one. `script` is the URL of this script. */
export function start(script: string, load: Import): void {
  /** How many violations there were in a row, and when the last one was. */
  let failures = 0;
  let failed = 0;
  /** The parts of the client that are loading. Messages wait for them. */
  const loading = new Set<Promise<unknown>>();
  /** The parts of the client that are loading or loaded, but for `extras`, which is installed for each root. */
  const loaded: { [part: string]: Promise<unknown> | undefined } = {};
  /** Whether the page needs the part `extras`, which may be loaded or loading. */
  let wantsExtras = false;
  /**
   * The root that the page has navigated to, until the server says that all messages from here on are about it. Before
   * the page knows its number, it is empty.
   */
  let awaited: string | undefined;
  let live = find(document);
  if (!live) return;
  if (!live[0]) return notify(Notice.Changed);

  const socket = createSocket(new URL(UrlName.Socket, script).href.replace(/^http/, "ws"), {
    _opened() {
      awaited = undefined;
      page._root?._attach();
    },
    _received(text, isCurrent) {
      try {
        const message = JSON.parse(text);
        const needed = neededBy(message);
        PARTS.split(" ").map((part, bit) => needed & (1 << bit) && (part ? loadPart(part as UrlName) : loadExtras()));
        _inOrder(() => isCurrent() && receive(message));
      } catch (error) {
        violation(error);
      }
    },
    _inOrder: _inOrder,
    _rejected: violation,
  });
  const page: Page = {
    // `_sessionAttached` and `_transmit` are those of the host.
    ...socket,
    ...createEvents(() => page),
    _notify: notify,
    _loadPart: loadPart,
    _script: script,
    _live: () => live as LivePart,
    _find: find,
    _show: show,
    _isTooLarge(payload) {
      const limit = page._root!._boot.l ?? Limit.Message;
      return payload.length * 3 > limit && new Blob([payload]).size > limit;
    },
    _build: buildOf(script),
    _remount: remount,
    _reload: reload,
    _end: _end,
    // The part `commands` replaces it.
    _commands: (handler, event) => _inOrder(() => page._commands(handler, event)),
    // The part `events` replaces it.
    _observe: (handler) => _inOrder(() => page._observe(handler)),
    _handlersOf: handlersOf,
  };

  rememberScrolled();
  addEventListener("lanai:extras", loadExtras);
  // It would tell people that the client did not start.
  document.getElementById(Mark.Late)?.remove();
  showState("connecting");
  hydrate();
  addEventListener("pagehide", ({ persisted }) => {
    page._sendHeld();
    if (!persisted) socket._transmit(PageMessage.Bye);
    socket._disconnect();
  });
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted && !page._hasEnded) socket._connect();
  });
  for (const type of ["online", "offline", "visibilitychange"]) {
    addEventListener(type, () => document.hidden || socket._retryNow());
  }

  /**
   * Calls `action` once all parts of the client that are loading have loaded, also those that they load, in the order
   * of the calls.
   */
  function _inOrder(action: () => void): void {
    if (loading.size) Promise.all(loading).then(() => _inOrder(action));
    else action();
  }

  function receive(message: unknown): void {
    try {
      if (awaited != null && !isEnd(message)) {
        if (awaited && isRootOf(message, awaited)) awaited = undefined;
        return;
      }
      const session = page._root!;
      const { _acknowledged: acknowledged } = session;
      if (!page._children?._readMessage(message)) read(message, session, page);
      // The server has answered the person's events, so the page works.
      if (session._acknowledged > acknowledged) failures = 0;
    } catch (error) {
      violation(error);
    }
  }

  function hydrate(): void {
    // What a person does is recorded until all views are live, also after a navigation, and when the page mounts again.
    globalThis.lanaiEarly ??= [];
    const [content, block] = live! as LivePart;
    if (!page._elements && document.querySelector(STATEFUL)) return void loadPart(UrlName.Elements).then(() => page._elements && hydrate());
    try {
      const boot: Boot = JSON.parse(block.textContent!);
      if (boot.v != VERSION) fail(Violation.Version);
      page._elements?._adopt(content._holder);
      try {
        page._root = new Session(boot, content, page);
      } catch (error) {
        // Something between the server and the page has changed the HTML: the server sends everything again.
        console.error("lanai", error);
        page._root = new Session({ ...boot, t: [] }, content, page);
        resync();
      }
      socket._connect();
      if (awaited == "") {
        awaited = boot.i;
        page._root._attach();
      }
      // Early events in children wait until `extras` has hydrated the children, and those of the page with them.
      if (boot.m || wantsExtras) {
        wantsExtras = true;
        installPart(UrlName.Extras).then(catchUp);
      } else catchUp();
      // Nothing waits for these parts, which install themselves once, and serve all roots.
      for (const part of [boot.g && UrlName.Navigation, boot.d && UrlName.Development]) {
        if (part) load(partUrl(script, part)).then((module) => module.default?.(page), console.warn);
      }
    } catch (error) {
      violation(error);
    }
  }

  /** Stops recording early events, dispatches them, and reports earlier edits: now, or when the page shows the view. */
  function catchUp(): void {
    if (page._root!._beforeFrame) return;
    const early = globalThis.lanaiEarly ?? [];
    globalThis.lanaiEarly = undefined;
    page._catchUp(early);
  }

  /** Makes the same instance send everything again. */
  function resync(): void {
    const session = page._root!;
    session._resync();
    session._beforeFrame = () => {
      const { _holder: holder } = live![0]!;
      const restore = preserve(holder);
      return () => {
        restore(page._elements, true);
        page._elements?._adopt(holder);
        catchUp();
      };
    };
  }

  /** Loads the part `extras`, unless that has started. */
  function loadExtras(): void {
    // A page that is not hydrated yet loads it when it is.
    if (!wantsExtras && page._root) installPart(UrlName.Extras);
    wantsExtras = true;
  }

  /** Loads another part of the client and installs it in the page, unless that has happened. */
  function loadPart(part: UrlName): Promise<unknown> {
    return (loaded[part] ??= installPart(part));
  }

  /** Loads another part of the client and installs it in the page. */
  function installPart(part: UrlName): Promise<unknown> {
    const installed: Promise<unknown> = load(partUrl(script, part))
      .then((module) => module.default?.(page))
      .catch((error) => {
        loaded[part] = undefined;
        violation(error);
      })
      .then(() => loading.delete(installed));
    loading.add(installed);
    return installed;
  }

  /** Ends the connection for good. The page keeps showing its last state. */
  function _end(notice?: string): void {
    page._hasEnded = true;
    socket._disconnect();
    showState("closed");
    if (notice) notify(notice);
  }

  /** Handles a violation of the protocol: the page cannot trust what it shows. */
  function violation(error: unknown): void {
    console.error("lanai", error);
    const now = Date.now();
    if (now - failed > Retries.Window) failures = 0;
    failed = now;
    if (failures++ > Retries.Limit) return _end(Notice.Broken);
    if (failures > 1 || !page._root) return remount();
    // The first time, keep the instance and its state, and replace only what the page shows.
    resync();
    socket._retryLater(socket._connect);
  }

  /** Mounts again: fetches the page's own URL, whose response contains a new instance. */
  function remount(): void {
    socket._retryLater(async () => {
      try {
        const answer = await fetch(location.href, REMOUNT);
        const fetched = new DOMParser().parseFromString(await answer.text(), "text/html");
        const part = page._find(fetched);
        // A redirect has led to another page.
        if (answer.redirected && answer.url != withoutFragment(location.href)) location.reload();
        else if (part?.[0] && [...fetched.scripts].some(({ src }) => src == script)) replace(part, fetched);
        else if (part) reload();
        // The response is another page.
        else if (answer.status < 500) location.reload();
        else remount();
      } catch {
        // There is no network, or the server is not running yet.
        remount();
      }
    });
  }

  /**
   * Reloads the page, since the server has another client. During a deploy, the next server may have the old client, so
   * a page that was itself reloaded waits longer.
   */
  function reload(): void {
    const [visit] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
    socket._retryLater(() => location.reload(), visit?.type == "reload");
  }

  /** Leaves the page for another, whose live part `swap` puts into the document. */
  function show(part: LivePart, swap: () => void): void {
    page._sendHeld();
    const old = page._root;
    if (old && !old._sendPending()) notify(Notice.Unconfirmed);
    // The old root must not send anything, and nothing that is said about it is read.
    if (old) old._isAttached = page._hasEnded = false;
    awaited = "";
    page._history?._abandon(live![0]!);
    swap();
    live = part;
    hydrate();
  }

  /** Replaces the live part and its data block with those of a fetched document. */
  function replace([from, block]: LivePart, { title }: Document): void {
    const [content, oldBlock] = live! as LivePart;
    const restore = preserve(content._holder);
    const old = page._root;
    // The old instance must not send anything on the next socket.
    if (old) old._isAttached = false;
    content._clear();
    content._inner = undefined;
    for (let node; (node = from._firstNode); ) content.append(node);
    oldBlock.textContent = block.textContent;
    Reflect.set(Document.prototype, "title", title, document);
    restore(page._elements);
    // The page may have returned from the back/forward cache meanwhile, and connected for the old instance.
    socket._disconnect();
    hydrate();
    if (old?._queue._sent[0]) notify(Notice.Unconfirmed);
  }
}

/** The live part of a document; `[undefined]` if its root comments are missing. */
function find(document: Document): LivePart | [undefined] | undefined {
  // Only `script` elements, since an element of the page may have the same id.
  const block = document.querySelector<HTMLElement>("script#" + Mark.Boot);
  if (!block) return;
  const before = (node: Node | undefined, mark: Mark) => {
    while ((node = node && previousSibling(node)) && !(isComment(node) && node.data == mark));
    return node as Comment;
  };
  const end = before(block, Mark.RootEnd);
  const start = before(end, Mark.RootStart);
  return start ? [new Content(start, end), block] : [undefined];
}
