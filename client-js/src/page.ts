/**
 * The page: brings the instance in its HTML to life, connects it, and mounts again when the server has it no more.
 */

import { carry } from "./carry.ts";
import { notify, showState, Text } from "./connection.ts";
import { Content } from "./content.ts";
import { isComment, previousSibling } from "./dom.ts";
import { createEvents } from "./events.ts";
import { rememberScrolled } from "./focus.ts";
import type { Page } from "./extension.ts";
import { Fault, fail } from "./fault.ts";
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
    opened: () => page.rootSession?.attach(),
    received(text, isCurrent) {
      try {
        const message = JSON.parse(text);
        const needed = neededBy(message);
        if (needed & Needs.Extras) extend();
        if (needed & Needs.Elements && !page.elements) need(Address.Elements);
        inOrder(() => isCurrent() && receive(message));
      } catch (error) {
        violation(error);
      }
    },
    inOrder,
    rejected: violation,
  });
  const page: Page = {
    // Its `sessionAttached` and `transmit` are those of the line.
    ...socket,
    ...createEvents(() => page),
    tooLate: () => notify(Text.Ended),
    isTooLarge(payload) {
      const limit = page.rootSession!.boot.l ?? Limit.Message;
      return payload.length * 3 > limit && new Blob([payload]).size > limit;
    },
    build: buildOf(script),
    mountAgain: remount,
    loadAgain,
    endPage,
    handlersOf,
  };

  rememberScrolled();
  addEventListener("lanai:extras", extend);
  // It would say that the client has not come.
  document.getElementById(Mark.Late)?.remove();
  showState("connecting");
  hydrate();
  addEventListener("pagehide", ({ persisted }) => {
    page.sendHeld();
    if (!persisted) socket.transmit(Say.Bye);
    socket.closeNow();
  });
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted && !page.hasEnded) socket.openNow();
  });
  for (const type of ["online", "offline", "visibilitychange"]) {
    addEventListener(type, () => document.hidden || socket.poke());
  }

  /** Calls `action` when the parts of the client that are on their way are there: messages wait for them, in order. */
  function inOrder(action: () => void): void {
    if (awaited.size) Promise.all(awaited).then(action);
    else action();
  }

  function receive(message: unknown): void {
    try {
      const session = page.rootSession!;
      const { acknowledged } = session;
      if (!page.readOther?.(message)) read(message, session, page);
      // What the person did has been answered: the page works.
      if (session.acknowledged > acknowledged) failures = 0;
    } catch (error) {
      violation(error);
    }
  }

  function hydrate(): void {
    const [place, block] = live! as LivePart;
    if (!page.elements && document.querySelector(LIVELY)) return void need(Address.Elements).then(() => page.elements && hydrate());
    try {
      const boot: Boot = JSON.parse(block.textContent!);
      if (boot.v != VERSION) fail(Fault.Version);
      page.elements?.adopt(place.holder);
      try {
        page.rootSession = new Session(boot, place, page);
      } catch (error) {
        // Something on the way has changed the HTML: the page is written anew.
        console.error("lanai", error);
        page.rootSession = new Session({ ...boot, t: [] }, place, page);
        startAgain();
      }
      socket.openNow();
      // What has happened in instances inside this one waits until they are alive.
      const caughtUp = page.rootSession.takeUp ? () => {} : catchUp();
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
    return () => page.catchUp(events);
  }

  /** Has the page written anew, by the same instance. */
  function startAgain(): void {
    const session = page.rootSession!;
    const restore = carry(live![0]!.holder);
    session.startAgain();
    session.takeUp = () => {
      restore(page.elements, true);
      page.elements?.adopt(live![0]!.holder);
      catchUp()();
    };
  }

  /** The second part of the client is wanted. */
  function extend(): void {
    // A page that is not alive yet lets it in when it is.
    if (!isExtended && page.rootSession) need(Address.Extras);
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
  function endPage(notice?: string): void {
    page.hasEnded = true;
    socket.closeNow();
    showState("closed");
    if (notice) notify(notice);
  }

  /** The page and the server do not agree: what is shown is not to be trusted. */
  function violation(error: unknown): void {
    console.error("lanai", error);
    const now = Date.now();
    if (now - failed > Patience.Memory) failures = 0;
    failed = now;
    if (failures++ > Patience.Tries) return endPage(Text.Broken);
    if (failures > 1 || !page.rootSession) return remount();
    // What the view knows is kept: only what is shown is not to be trusted.
    startAgain();
    socket.later(socket.openNow);
  }

  /** Mounts again: the page's own address gives a new instance. */
  function remount(): void {
    socket.later(async () => {
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
    socket.later(() => location.reload(), visit?.type == "reload");
  }

  /** Puts another live part in the place of this one. */
  function replace([from, block]: LivePart, { title }: Document): void {
    const [place, oldBlock] = live! as LivePart;
    const restore = carry(place.holder);
    const old = page.rootSession;
    // It says nothing on the socket of the next one.
    if (old) old.isAttached = false;
    place.clearPlace();
    place.inner = undefined;
    for (let node; (node = from.firstNode); ) place.append(node);
    oldBlock.textContent = block.textContent;
    Reflect.set(Document.prototype, "title", title, document);
    restore(page.elements);
    // The page may have come back from the browser's cache meanwhile, and connected for the old instance.
    socket.closeNow();
    hydrate();
    if (old?.queue.sent[0]) notify(Text.Unconfirmed);
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
