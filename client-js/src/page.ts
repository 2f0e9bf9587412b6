/**
 * The page: brings the instance in its HTML to life, connects it, and mounts again when the server has it no more.
 */

import { carry } from "./carry.ts";
import { notify, showState, Text } from "./connection.ts";
import { createEvents } from "./events.ts";
import { Instance } from "./instance.ts";
import { Address, attachMessage, Limit, Mark, read, REMOUNT, Say, eventMessage } from "./protocol.ts";
import { createSocket } from "./socket.ts";

/** A live part in a document: its two comments and its data block. */
type LivePart = [start: Comment, end: Comment, block: HTMLElement];

const enum Patience {
  /** How often a page that does not agree with the server mounts again before it gives up. */
  Remounts = 3,
}

/** Brings the document's live part to life; does nothing if there is none. `script` is the address of this script. */
export function start(script: string): void {
  /** The instance on the page, until it has ended. */
  let instance: Instance | undefined;
  /** Whether the server knows which instance the socket is for. */
  let attached = false;
  /** Frames that the server knows to be applied. */
  let told = 0;
  let telling: ReturnType<typeof setTimeout> | undefined;
  /** How often the page and the server did not agree. */
  let failures = 0;
  /** This page's name: another page with the same HTML has another. */
  const name = Math.random().toString(36).slice(2);
  const live = find(document);
  if (!live) return;

  const send = (text: string) => {
    if (!attached) return;
    // Everything that is sent while attached says how many frames are applied.
    told = instance!.frameCount;
    socket.transmit(text);
  };
  const tell = () => {
    telling = undefined;
    if (instance && told < instance.frameCount) send(`${instance.frameCount}`);
  };
  const events = createEvents(() => instance, send);
  const socket = createSocket(new URL(Address.Socket, script).href.replace(/^http/, "ws"), {
    opened() {
      const { boot, frameCount } = instance!;
      socket.transmit(attachMessage(boot, name, (told = frameCount)));
    },
    received(text) {
      try {
        read(text, {
          framed(acknowledged, ops) {
            instance!.applyFrame(acknowledged, ops);
            dispatchEvent(new CustomEvent("lanai:patched"));
            if (!instance) return;
            if (instance.frameCount - told >= Limit.AckFrames) tell();
            else telling ??= setTimeout(tell, Limit.AckDelay);
          },
          attached(event) {
            const { queue, formControls, frameCount } = instance!;
            attached = true;
            socket.good();
            showState("open");
            queue.acknowledge(event);
            for (const sent of queue.sent) send(eventMessage(sent, frameCount));
            // What these events have changed follows in frames. If nothing did, the controls learn it here.
            setTimeout(() => formControls.settle(event), Limit.AckDelay);
          },
          gone: remount,
          refused(reason) {
            end(reason);
          },
        });
      } catch (error) {
        violation(error);
      }
    },
    lost() {
      attached = false;
      showState("lost");
    },
    rejected: violation,
  });

  showState("connecting");
  hydrate();
  addEventListener("pagehide", ({ persisted }) => {
    events.sendHeld();
    if (!persisted) socket.transmit(Say.Bye);
    attached = false;
    socket.disconnect();
  });
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted && instance) socket.connect();
  });
  for (const type of ["online", "offline", "visibilitychange"]) {
    addEventListener(type, () => document.hidden || socket.poke());
  }

  function hydrate(): void {
    const [start, end, block] = live!;
    try {
      instance = new Instance(JSON.parse(block.textContent!), start, end, events.listen, finish);
      socket.connect();
    } catch (error) {
      violation(error);
    }
  }

  /** The view has ended: the last frame is acknowledged, and the page stays as it is. */
  function finish(): void {
    send(`${instance!.frameCount + 1}`);
    end();
  }

  function end(notice?: string): void {
    instance = undefined;
    attached = false;
    socket.disconnect();
    showState("closed");
    if (notice) notify(notice);
  }

  /** The page and the server do not agree: what is shown is not to be trusted. */
  function violation(error: unknown): void {
    console.error("lanai", error);
    if (failures++ < Patience.Remounts) remount();
    else end(Text.Broken);
  }

  /** Mounts again: the page's own address gives a new instance. */
  function remount(): void {
    attached = false;
    showState("lost");
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
  function replace([start, end, block]: LivePart, { title }: Document): void {
    const [oldStart, oldEnd, oldBlock] = live!;
    const restore = carry(oldEnd.parentElement!);
    const isUnconfirmed = instance?.queue.sent[0];
    while (oldStart.nextSibling != oldEnd) oldStart.nextSibling!.remove();
    while (start.nextSibling != end) oldEnd.before(start.nextSibling!);
    oldBlock.textContent = block.textContent;
    document.title = title;
    restore();
    // The page may have come back from the browser's cache meanwhile, and connected for the old instance.
    socket.disconnect();
    hydrate();
    if (isUnconfirmed) notify(Text.Unconfirmed);
  }
}

/** The live part of a document. */
function find(document: Document): LivePart | undefined {
  const block = document.getElementById(Mark.Boot);
  const end = block?.previousSibling as Comment;
  let start = end;
  while (start && start.data != Mark.RootStart) start = start.previousSibling as Comment;
  return start && [start, end, block!];
}
