/**
 * The page: brings the instance in its HTML to life, connects it, and mounts again when the server has it no more.
 */

import { carry } from "./carry.ts";
import { notify, showState, Text } from "./connection.ts";
import { Content } from "./content.ts";
import { Controls } from "./controls.ts";
import { createEvents } from "./events.ts";
import type { Page } from "./extension.ts";
import { Address, type Boot, extrasAddress, isBeyond, Mark, read, REMOUNT, Say } from "./protocol.ts";
import { Session } from "./session.ts";
import { createSocket } from "./socket.ts";

/** A live part in a document: what is between its two comments, and its data block. */
type LivePart = [place: Content, block: HTMLElement];

/** Imports the second part of the client. */
type Import = (address: string) => Promise<{ default: (page: Page) => void }>;

const enum Patience {
  /** How often a page that does not agree with the server mounts again before it gives up. */
  Remounts = 3,
}

/** Brings the document's live part to life; does nothing if there is none. `script` is the address of this script. */
export function start(script: string, load: Import): void {
  /** How often the page and the server did not agree. */
  let failures = 0;
  /** The second part of the client, while it is on its way: messages wait for it. */
  let loading: Promise<unknown> | undefined;
  const live = find(document);
  if (!live) return;

  const socket = createSocket(new URL(Address.Socket, script).href.replace(/^http/, "ws"), {
    opened: () => page.rootSession?.attach(),
    waitFor(text) {
      if (!page.readOther && isBeyond(text)) extend();
      return loading;
    },
    received(text) {
      try {
        const message = JSON.parse(text);
        if (!page.readOther?.(message)) read(message, page.rootSession!, page);
      } catch (error) {
        violation(error);
      }
    },
    rejected: violation,
  });
  const page: Page = {
    // Its `sessionAttached` and `transmit` are those of the line.
    ...socket,
    ...createEvents(() => page.rootSession),
    mountAgain: remount,
    endPage,
  };

  addEventListener("lanai:extras", extend);
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

  function hydrate(): void {
    const [place, block] = live!;
    try {
      const boot: Boot = JSON.parse(block.textContent!);
      page.rootSession = new Session(boot, place, new Controls(place.holder), page);
      socket.openNow();
      if (boot.m || page.readOther) extend();
    } catch (error) {
      violation(error);
    }
  }

  /** Lets the second part of the client take its share of the page that has come to life. */
  function extend(): void {
    loading ??= load(extrasAddress(script))
      .then((extras) => extras.default(page))
      .catch(violation)
      .then(() => (loading = undefined));
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
    if (failures++ < Patience.Remounts) remount();
    else endPage(Text.Broken);
  }

  /** Mounts again: the page's own address gives a new instance. */
  function remount(): void {
    socket.later(async () => {
      try {
        const answer = await fetch(location.href, REMOUNT);
        const fetched = new DOMParser().parseFromString(await answer.text(), "text/html");
        const part = find(fetched);
        if (part && [...fetched.scripts].some(({ src }) => src == script)) replace(part, fetched);
        else if (answer.status < 500) location.reload(); // Another page, or one for another client.
        else remount();
      } catch {
        // No network, or no server yet.
        remount();
      }
    });
  }

  /** Puts another live part in the place of this one. */
  function replace([from, block]: LivePart, { title }: Document): void {
    const [place, oldBlock] = live!;
    const restore = carry(place.holder as ParentNode);
    const old = page.rootSession;
    // It says nothing on the socket of the next one.
    if (old) old.isAttached = false;
    place.clearPlace();
    place.inner = undefined;
    for (let node; (node = from.firstNode); ) place.append(node);
    oldBlock.textContent = block.textContent;
    document.title = title;
    restore();
    // The page may have come back from the browser's cache meanwhile, and connected for the old instance.
    socket.closeNow();
    hydrate();
    if (old?.queue.sent[0]) notify(Text.Unconfirmed);
  }
}

/** The live part of a document. */
function find(document: Document): LivePart | undefined {
  const block = document.getElementById(Mark.Boot);
  const end = block?.previousSibling as Comment;
  let start = end;
  while (start && start.data != Mark.RootStart) start = start.previousSibling as Comment;
  return start && [new Content(start, end), block!];
}
