/**
 * The page: brings the instance in its HTML to life, connects it, and mounts again when the server has it no more.
 */

import { carry } from "./carry.ts";
import { Connection } from "./connection.ts";
import { Events } from "./events.ts";
import { Instance } from "./instance.ts";
import {
  ACK_DELAY,
  ACK_FRAMES,
  ackMessage,
  attachMessage,
  type Boot,
  BOOT_ID,
  BYE,
  parseMessage,
  REMOUNT_HEADER,
  REMOUNT_VALUE,
  ROOT_END,
  ROOT_START,
} from "./protocol.ts";
import { Socket, type SocketUser } from "./socket.ts";

/** A live part in a document: its two comments and its data block. */
interface LivePart {
  start: Comment;
  end: Comment;
  block: HTMLElement;
}

export class Page implements SocketUser {
  private instance: Instance | undefined;
  private socket: Socket;
  private connection = new Connection();
  private events = new Events(
    () => this.instance,
    (message) => this.sendEvent(message),
  );
  /** Whether the server knows which instance this socket is for. */
  private isAttached = false;
  /** Frames that the server knows to be applied. */
  private told = 0;
  private tell: ReturnType<typeof setTimeout> | undefined;
  /** Whether the live part is being fetched again. */
  private remounting = false;
  /** How often in a row the page could not be brought to life. */
  private failures = 0;

  constructor(
    socketUrl: string,
    /** The address of this script: a page that names another one is for another client. */
    private script: string,
    /** The random name of this page. */
    private name: string,
  ) {
    this.socket = new Socket(socketUrl, this);
  }

  /** Brings the document's live part to life; does nothing if there is none. */
  start(): void {
    const part = find(document);
    if (!part) return;
    this.connection.show("connecting");
    this.hydrate(part);
    addEventListener("pagehide", ({ persisted }) => this.hide(persisted));
    addEventListener("pageshow", ({ persisted }) => persisted && this.instance && this.socket.open());
    for (const type of ["online", "offline"]) addEventListener(type, () => this.socket.poke());
    document.addEventListener("visibilitychange", () => document.hidden || this.socket.poke());
  }

  private hydrate({ start, end, block }: LivePart): void {
    try {
      const boot: Boot = JSON.parse(block.textContent!);
      this.instance = new Instance(boot, start, end, {
        listen: (spec) => this.events.listen(spec),
        ended: () => this.end(),
      });
      this.told = this.instance.frames;
      this.socket.open();
    } catch (error) {
      this.violation(error);
    }
  }

  // The socket.

  opened(): void {
    const { id, secret, frames } = this.instance!;
    this.told = frames;
    this.socket.send(attachMessage(id, secret, this.name, frames));
  }

  received(text: string): void {
    const { instance } = this;
    if (!instance) return;
    try {
      const message = parseMessage(text);
      if (message.kind == "frame") {
        instance.apply(message.ack, message.ops);
        this.acknowledge();
        dispatchEvent(new CustomEvent("lanai:patched"));
      } else if (message.kind == "attached") {
        this.attach(instance, message.event);
      } else if (message.kind == "gone") {
        this.remount();
      } else if (message.kind == "refused") {
        this.end("lost");
        this.connection.broken(message.reason);
      }
    } catch (error) {
      this.violation(error);
    }
  }

  lost(): void {
    this.isAttached = false;
    this.connection.show("lost");
  }

  rejected(reason: string): void {
    this.violation(reason);
  }

  private attach(instance: Instance, event: number): void {
    this.isAttached = true;
    this.failures = 0;
    this.socket.good();
    this.connection.show("open");
    instance.queue.acknowledge(event);
    for (const message of instance.queue.messages(instance.frames)) this.socket.send(message);
    // What these events have changed follows in frames. If nothing did, the controls learn it here.
    setTimeout(() => instance.controls.settle(event), ACK_DELAY);
  }

  private sendEvent(message: string): void {
    if (!this.isAttached) return;
    this.told = this.instance!.frames;
    this.socket.send(message);
  }

  /** Tells the server which frames are applied: often enough, and no more. */
  private acknowledge(): void {
    const { instance } = this;
    if (!instance || !this.isAttached) return;
    const tell = () => {
      this.tell = undefined;
      if (this.instance != instance || this.told >= instance.frames) return;
      this.told = instance.frames;
      if (this.isAttached) this.socket.send(ackMessage(this.told));
    };
    if (instance.frames - this.told >= ACK_FRAMES) tell();
    else this.tell ??= setTimeout(tell, ACK_DELAY);
  }

  // The end, and another beginning.

  /** The page stays as it is and connects no more. */
  private end(state?: "lost"): void {
    this.acknowledgeAll();
    this.instance = undefined;
    this.isAttached = false;
    this.events.clear();
    this.socket.close();
    this.connection.show(state);
  }

  private acknowledgeAll(): void {
    if (this.isAttached) this.socket.send(ackMessage(this.instance!.frames + 1));
  }

  /** The server has said something that cannot be. What the page shows is not to be trusted. */
  private violation(error: unknown): void {
    console.error("lanai: the page and the server do not agree; mounting again.", error);
    if (this.failures++ > 2) {
      this.end("lost");
      this.connection.broken();
    } else {
      this.remount();
    }
  }

  private remount(): void {
    if (this.remounting) return;
    this.remounting = true;
    this.isAttached = false;
    this.socket.close();
    this.connection.show("lost");
    setTimeout(() => this.fetch(), this.socket.backoff());
  }

  private async fetch(): Promise<void> {
    let answer: Response;
    let fetched: Document;
    try {
      answer = await fetch(location.href, { headers: { [REMOUNT_HEADER]: REMOUNT_VALUE }, cache: "no-store" });
      fetched = new DOMParser().parseFromString(await answer.text(), "text/html");
    } catch {
      // No network, or no server yet.
      return this.again();
    }
    this.remounting = false;
    const part = find(fetched);
    if (part && this.isOurs(fetched)) return this.replace(part, fetched.title);
    if (answer.status >= 500) return this.again();
    // Another page, or one for another client: the browser knows what to do.
    location.reload();
  }

  private again(): void {
    this.remounting = false;
    this.remount();
  }

  /** Whether the page is made for this very script. */
  private isOurs(fetched: Document): boolean {
    return !this.script || [...fetched.scripts].some(({ src }) => src == this.script);
  }

  /** Puts another live part in the place of this one. */
  private replace(part: LivePart, title: string): void {
    const old = find(document)!;
    const { instance } = this;
    const restore = carry(old.end.parentElement!);
    const content: Node[] = [];
    for (let node = part.start.nextSibling; node && node != part.end; node = node.nextSibling) content.push(node);
    if (instance) instance.root.clear();
    this.events.clear();
    old.end.before(...content);
    old.block.textContent = part.block.textContent;
    document.title = title;
    this.hydrate({ ...old });
    for (const control of restore()) this.instance?.controls.edited(control);
    if (instance?.queue.size) this.connection.unconfirmed();
  }

  // The browser's back/forward cache.

  private hide(persisted: boolean): void {
    this.events.flush();
    if (!persisted) this.socket.send(BYE);
    this.isAttached = false;
    this.socket.close();
  }
}

/** The live part of a document. */
function find(document: Document): LivePart | undefined {
  const block = document.querySelector<HTMLElement>(`script#${BOOT_ID}`);
  let start: Comment | undefined;
  let end: Comment | undefined;
  for (let node: Node | null | undefined = block; node && !start; node = node.previousSibling) {
    if (node.nodeType == 8) {
      const comment = node as Comment;
      if (comment.data == ROOT_END) end ??= comment;
      else if (comment.data == ROOT_START) start = comment;
    }
  }
  return start && end && block ? { start, end, block } : undefined;
}
