/**
 * The page: brings the instance in its HTML to life, connects it, and mounts again when the server has it no more.
 */

import { carry } from "./carry.ts";
import { notify, showState, type State, Text } from "./connection.ts";
import { createEvents } from "./events.ts";
import { Instance } from "./instance.ts";
import {
  ACK_DELAY,
  ACK_FRAMES,
  attachMessage,
  BOOT_ID,
  BYE,
  read,
  REMOUNT,
  ROOT_END,
  ROOT_START,
  SOCKET,
} from "./protocol.ts";
import { message } from "./queue.ts";
import { createSocket } from "./socket.ts";

/** A live part in a document: its two comments and its data block. */
type LivePart = [start: Comment, end: Comment, block: HTMLElement];

/** How often in a row a page may not be understood. */
const PATIENCE = 3;

/** Brings the document's live part to life; does nothing if there is none. `script` is the address of this script. */
export function start(script: string): void {
  /** The instance on the page, until it has ended. */
  let instance: Instance | undefined;
  /** Whether the server knows which instance the socket is for. */
  let attached = false;
  /** Frames that the server knows to be applied. */
  let told = 0;
  let telling: ReturnType<typeof setTimeout> | undefined;
  /** How often in a row something went wrong that cannot be. */
  let failures = 0;
  /** This page's name: another page with the same HTML has another. */
  const name = Math.random().toString(36).slice(2);
  const live = find(document);
  if (!live) return;

  const send = (text: string) => {
    if (!attached) return;
    // Everything that is sent while attached says how many frames are applied.
    told = instance!.frameCount;
    socket.send(text);
  };
  const tell = () => {
    clearTimeout(telling);
    telling = undefined;
    if (instance && told < instance.frameCount) send(`${instance.frameCount}`);
  };
  const events = createEvents(() => instance, send);
  const socket = createSocket(new URL(SOCKET, script).href.replace(/^http/, "ws"), {
    opened() {
      const { boot, frameCount } = instance!;
      socket.send(attachMessage(boot, name, (told = frameCount)));
    },
    received(text) {
      try {
        read(text, {
          frame(acknowledged, ops) {
            instance!.apply(acknowledged, ops);
            dispatchEvent(new CustomEvent("lanai:patched"));
            if (!instance) return;
            if (instance.frameCount - told >= ACK_FRAMES) tell();
            else telling ??= setTimeout(tell, ACK_DELAY);
          },
          attached(event) {
            const { queue, formControls, frameCount } = instance!;
            attached = true;
            failures = 0;
            socket.good();
            showState("open");
            queue.acknowledge(event);
            for (const sent of queue.sent) send(message(sent, frameCount));
            // What these events have changed follows in frames. If nothing did, the controls learn it here.
            setTimeout(() => formControls.settle(event), ACK_DELAY);
          },
          gone: remount,
          refused(reason) {
            end("lost", reason);
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
    events.flush();
    if (!persisted) socket.send(BYE);
    attached = false;
    socket.close();
  });
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted && instance) socket.open();
  });
  for (const type of ["online", "offline", "visibilitychange"]) {
    addEventListener(type, () => document.hidden || socket.poke());
  }

  function hydrate(): void {
    const [start, end, block] = live!;
    try {
      instance = new Instance(JSON.parse(block.textContent!), start, end, events.listen, finish);
      socket.open();
    } catch (error) {
      violation(error);
    }
  }

  /** The view has ended: the last frame is acknowledged, and the page stays as it is. */
  function finish(): void {
    send(`${instance!.frameCount + 1}`);
    end();
  }

  function end(state?: State, notice?: string): void {
    instance = undefined;
    attached = false;
    events.forget();
    socket.close();
    showState(state);
    if (notice) notify(notice);
  }

  /** The page and the server do not agree: what is shown is not to be trusted. */
  function violation(error: unknown): void {
    console.error("lanai", error);
    if (failures++ < PATIENCE) remount();
    else end("lost", Text.Broken);
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
    events.forget();
    while (oldStart.nextSibling != oldEnd) oldStart.nextSibling!.remove();
    while (start.nextSibling != end) oldEnd.before(start.nextSibling!);
    oldBlock.textContent = block.textContent;
    document.title = title;
    restore();
    hydrate();
    if (isUnconfirmed) notify(Text.Unconfirmed);
  }
}

/** The live part of a document. */
function find(document: Document): LivePart | undefined {
  const block = document.getElementById(BOOT_ID);
  let end: Comment | undefined;
  for (let node: Node | null | undefined = block; node; node = node.previousSibling) {
    const { data } = node as Comment;
    if (data == ROOT_END) end = node as Comment;
    if (data == ROOT_START && end) return [node as Comment, end, block!];
  }
  return undefined;
}
