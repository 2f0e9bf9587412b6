/**
 * The page: brings the instance in its HTML to life, connects it, and mounts again when the server has it no more.
 */

import { preserve } from "./preserve.ts";
import { notify, showState, Text } from "./connection.ts";
import { Content } from "./content.ts";
import { isComment, previousSibling } from "./dom.ts";
import { createEvents } from "./events.ts";
import { rememberScrolled } from "./focus.ts";
import type { Page } from "./parts.ts";
import { Violation, fail } from "./violation.ts";
import { handlersOf } from "./handler.ts";
import { Address, type Boot, buildOf, Limit, LIVELY, Mark, neededBy, Needs, partAddress, read, REMOUNT, Say, VERSION } from "./protocol.ts";
import { Session } from "./session.ts";
import { createSocket } from "./socket.ts";

/** A live part in a document: what is between its two comments, and its data block. */
type LivePart = [place: Content, block: HTMLElement];

/** Imports another part of the client. */
type Import = (address: string) => Promise<{ default: (page: Page) => void }>;

const enum Patience {
  /** How often a page that does not agree with the server tries again before it gives up … */
  Tries = 3,
  /** … and for how long the last time is remembered, in milliseconds. */
  Memory = 60_000,
}

/** Brings the document's live part to life; does nothing if there is none. `script` is the address of this script. */
export function start(script: string, load: Import): void {
  /** How often the page and the server did not agree, and when they did not last. */
  let failures = 0;
  let failed = 0;
  /** Other parts of the client that are on their way: messages wait for them. */
  const awaited = new Set<Promise<unknown>>();
  /** Whether the second part is, or is on its way. */
  let isExtended = false;
  const live = find(document);
  if (!live) return;
  if (!live[0]) return notify(Text.Changed);

  const socket = createSocket(new URL(Address.Socket, script).href.replace(/^http/, "ws"), {
    _opened: () => page._root?._attach(),
    _received(text, isCurrent) {
      try {
        const message = JSON.parse(text);
        const needed = neededBy(message);
        if (needed & Needs.Extras) extend();
        if (needed & Needs.Elements && !page._elements) need(Address.Elements);
        _inOrder(() => isCurrent() && receive(message));
      } catch (error) {
        violation(error);
      }
    },
    _inOrder: _inOrder,
    _rejected: violation,
  });
  const page: Page = {
    // Its `sessionAttached` and `transmit` are those of the line.
    ...socket,
    ...createEvents(() => page),
    _tooLate: () => notify(Text.Ended),
    _isTooLarge(payload) {
      const limit = page._root!._boot.l ?? Limit.Message;
      return payload.length * 3 > limit && new Blob([payload]).size > limit;
    },
    _build: buildOf(script),
    _mountAgain: remount,
    _loadAgain: loadAgain,
    _end: _end,
    _handlersOf: handlersOf,
  };

  rememberScrolled();
  addEventListener("lanai:extras", extend);
  // It would say that the client has not come.
  document.getElementById(Mark.Late)?.remove();
  showState("connecting");
  hydrate();
  addEventListener("pagehide", ({ persisted }) => {
    page._sendHeld();
    if (!persisted) socket._transmit(Say.Bye);
    socket._disconnect();
  });
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted && !page._hasEnded) socket._connect();
  });
  for (const type of ["online", "offline", "visibilitychange"]) {
    addEventListener(type, () => document.hidden || socket._poke());
  }

  /** Calls `action` when the parts of the client that are on their way are there: messages wait for them, in order. */
  function _inOrder(action: () => void): void {
    if (awaited.size) Promise.all(awaited).then(action);
    else action();
  }

  function receive(message: unknown): void {
    try {
      const session = page._root!;
      const { _acknowledged: acknowledged } = session;
      if (!page._readOther?.(message)) read(message, session, page);
      // What the person did has been answered: the page works.
      if (session._acknowledged > acknowledged) failures = 0;
    } catch (error) {
      violation(error);
    }
  }

  function hydrate(): void {
    const [place, block] = live! as LivePart;
    if (!page._elements && document.querySelector(LIVELY)) return void need(Address.Elements).then(() => page._elements && hydrate());
    try {
      const boot: Boot = JSON.parse(block.textContent!);
      if (boot.v != VERSION) fail(Violation.Version);
      page._elements?._adopt(place._holder);
      try {
        page._root = new Session(boot, place, page);
      } catch (error) {
        // Something on the way has changed the HTML: the page is written anew.
        console.error("lanai", error);
        page._root = new Session({ ...boot, t: [] }, place, page);
        startAgain();
      }
      socket._connect();
      // What has happened in instances inside this one waits until they are alive.
      const caughtUp = page._root._takeUp ? () => {} : catchUp();
      if (boot.m || isExtended) {
        isExtended = true;
        need(Address.Extras).then(caughtUp);
      } else caughtUp();
      // Nothing waits for it.
      if (boot.d) load(partAddress(script, Address.Development)).then((module) => module.default(page), console.warn);
    } catch (error) {
      violation(error);
    }
  }

  /** Hears events from now on; the result tells the server of what has happened before. */
  function catchUp(): () => void {
    const early = globalThis as { lanaiEarly?: Event[] | undefined };
    const events = early.lanaiEarly ?? [];
    early.lanaiEarly = undefined;
    return () => page._catchUp(events);
  }

  /** Has the page written anew, by the same instance. */
  function startAgain(): void {
    const session = page._root!;
    const restore = preserve(live![0]!._holder);
    session._startAgain();
    session._takeUp = () => {
      restore(page._elements, true);
      page._elements?._adopt(live![0]!._holder);
      catchUp()();
    };
  }

  /** The second part of the client is wanted. */
  function extend(): void {
    // A page that is not alive yet lets it in when it is.
    if (!isExtended && page._root) need(Address.Extras);
    isExtended = true;
  }

  /** Loads another part of the client, which takes its share of the page as it is then. */
  function need(part: Address): Promise<unknown> {
    const loaded: Promise<unknown> = load(partAddress(script, part))
      .then((module) => module.default(page))
      .catch(violation)
      .then(() => awaited.delete(loaded));
    awaited.add(loaded);
    return loaded;
  }

  /** Nothing comes any more: the page stays as it is. */
  function _end(notice?: string): void {
    page._hasEnded = true;
    socket._disconnect();
    showState("closed");
    if (notice) notify(notice);
  }

  /** The page and the server do not agree: what is shown is not to be trusted. */
  function violation(error: unknown): void {
    console.error("lanai", error);
    const now = Date.now();
    if (now - failed > Patience.Memory) failures = 0;
    failed = now;
    if (failures++ > Patience.Tries) return _end(Text.Broken);
    if (failures > 1 || !page._root) return remount();
    // What the view knows is kept: only what is shown is not to be trusted.
    startAgain();
    socket._later(socket._connect);
  }

  /** Mounts again: the page's own address gives a new instance. */
  function remount(): void {
    socket._later(async () => {
      try {
        const answer = await fetch(location.href, REMOUNT);
        const fetched = new DOMParser().parseFromString(await answer.text(), "text/html");
        const part = find(fetched);
        if (part?.[0] && [...fetched.scripts].some(({ src }) => src == script)) replace(part, fetched);
        else if (part) loadAgain();
        // Another page.
        else if (answer.status < 500) location.reload();
        else remount();
      } catch {
        // No network, or no server yet.
        remount();
      }
    });
  }

  /**
   * Loads the page again: the server has another client. While servers of both kinds answer, the next one may have the old client again: a page
   * that has been loaded again already takes its time.
   */
  function loadAgain(): void {
    const [visit] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
    socket._later(() => location.reload(), visit?.type == "reload");
  }

  /** Puts another live part in the place of this one. */
  function replace([from, block]: LivePart, { title }: Document): void {
    const [place, oldBlock] = live! as LivePart;
    const restore = preserve(place._holder);
    const old = page._root;
    // It says nothing on the socket of the next one.
    if (old) old._isAttached = false;
    place._clear();
    place._inner = undefined;
    for (let node; (node = from._firstNode); ) place.append(node);
    oldBlock.textContent = block.textContent;
    Reflect.set(Document.prototype, "title", title, document);
    restore(page._elements);
    // The page may have come back from the browser's cache meanwhile, and connected for the old instance.
    socket._disconnect();
    hydrate();
    if (old?._queue._sent[0]) notify(Text.Unconfirmed);
  }
}

/** The live part of a document, without its place if the comments around that are gone. */
function find(document: Document): LivePart | [undefined] | undefined {
  // (An element of the page may have the same id.)
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
