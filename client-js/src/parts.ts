/**
 * The interfaces between the parts of the client.
 *
 * The part `client` contains what every live page runs. Children, channels and hooks are in the part `extras`, which
 * the page imports when the data block, a message or a script needs it. Controls and other elements with state of their
 * own are in the part `elements`, what handlers do without the server is in the part `commands`, and events that need
 * more than a listener are in the part `events`.
 */

import type { Content } from "./content.ts";
import type { Channels } from "./extras/channels.ts";
import type { Children } from "./extras/children.ts";
import type { Control } from "./elements/controls.ts";
import type { Handler } from "./handler.ts";
import type { Instance } from "./instance.ts";
import type { Effect, UrlName } from "./protocol.ts";
import type { Host, Session } from "./session.ts";
import type { Point } from "./sort/layout.ts";
import type { Move } from "./sort/lists.ts";
import type { Template } from "./template.ts";

/** A live part in a document: the content between its two comments, and its data block. */
export type LivePart = [content: Content, block: HTMLElement];

/** What `extras` adds to the `Page`. */
export interface Extension {
  /** The channels of the host's instance. */
  _channels: Channels;
  /** The children of the page, and its sticky views. */
  _children: Children;
  /** Applies an operation that `client` does not handle. */
  _applyExtra(instance: Instance, op: number, arg: unknown): void;
}

/** What `navigation` adds to the `Page`. */
export interface Navigation {
  /** Applies an operation on the history. */
  _applyNavigation(instance: Instance, op: number, arg: unknown): void;
  /** The URL of the page that is shown, without its fragment. */
  _shownUrl(): string;
  /** The page has another URL now. `isInPlace` says that it takes the place of the current entry of the history. */
  _arrive(url: string, isInPlace: unknown): void;
  /** Whether the page is being left for another one. */
  _isLeaving(): unknown;
}

/** What `history` does for `navigation`: the query of the URL, messages that are shown once, unsaved changes, and forms. */
export interface History {
  /** Applies an operation. */
  _apply(instance: Instance, op: number, arg: unknown): void;
  /** Tells the views about the query of a URL. Returns false if it is that of another page, or no view wants to know. */
  _tellQuery(url: string): boolean;
  /** Where a submitted form leads, if that is a navigation. */
  _actionOf(event: SubmitEvent): Action | undefined;
  /** Called when the live part is about to be removed, since the person has left its page. */
  _abandon(live: Content): void;
  /** Asks the person whether the page may be left, if something on it is not saved. */
  _mayLeave(): boolean;
  /** Changes the page to another one: with a transition if the page has opted in. */
  _transition(change: () => void): Promise<void>;
  /** Another page is shown, or the page stays. */
  _settled(): void;
  /** The browser is about to load a document. */
  _unloads(): void;
}

/** What was read from an event. */
export interface Reading {
  _form: Element | null;
  /** The control that the event came from. */
  _control: Control | undefined;
  /** The controls whose values are in the payload. */
  _carried: Control[];
  /** The payload, if it comes from a control or a form. */
  _json: string | undefined;
}

/** What `events` does for `shortcuts`. */
export interface EventHandlers {
  /** The elements with handlers of a type that are on the page. */
  _ownersOf(type: string): Element[];
  /** Sends an event to the handlers of the elements in `path`, with what they ask for. */
  _deliver(event: Event, path: EventTarget[], type: string): void;
}

/** A place to which a row can be moved: before the row of this index, and where that begins in the viewport. */
export interface Place {
  _list: Element;
  _index: number;
  _point: Point;
}

/** What `sort-moves` does for `sort` and `sort-keys`. */
export interface Sort {
  /** What is moved now. */
  _move(): Move | undefined;
  /** Lifts a row: by keys, or by a pointer that holds it there. */
  _start(source: Handler, copyRow: (row: HTMLElement) => HTMLElement, pointer?: Point): void;
  /** Shows what is moved where the pointer is. */
  _carry(at: Point): void;
  /** The place in a list that is closest to it. */
  _closest(list: Element): number;
  /** Drops it: where it is shown, or on an element that is no list, whose handler wants to know `values`. */
  _drop(on?: Element, values?: object): void;
  _cancel(): void;
  /** A key was pressed. Returns whether that was for what is moved. */
  _pressed(key: string): boolean;
  /** The places to which what is moved can go, and which of them it has. */
  _places(): [all: Place[], now: Place | undefined];
  /** Moves it to another place. */
  _step(list: Element, index: number): void;
}

/** What `sort-keys` does for `sort-moves`. */
export interface SortKeys {
  _pressed(key: string, move: Move): boolean;
  /** Focuses what was moved, if it has come to its list as another element. */
  _refocus(move: Move): void;
  /** Makes screen readers say what has happened to a row, and where in a list it is, from 1. */
  _say(state: SortState, row: HTMLElement, list: Element, position: number, count: number): void;
}

export type SortState = "lifted" | "moved" | "dropped" | "canceled";

/** Where a link or a form leads: the element, its `target`, and the URL. */
export type Action = [element: Element, target: string | null, href: string];

/** What `elements` does for `client`: controls, and other elements with state of their own. */
export interface Elements {
  /** The clock that orders edits and events. */
  _editClock: number;
  /** Called when a live part is on the page: controls that differ from its HTML were edited by a person. */
  _adopt(holder: Node): void;
  /**
   * Copies what `from` shows to `to`, if a person has edited it. `isSame` says that both belong to the same instance,
   * so the server may already know of the edit.
   */
  _carryOver(from: Element, to: Element, isSame?: boolean): void;
  /** Writes an attribute that needs more than writing. Returns false if the caller has to write it. */
  _tryWrite(element: Element, name: string, value: unknown): boolean;
  /** Called when the attribute of a control or an option was written. */
  _wroteAttribute(element: Element, by: Instance): void;
  /** Prepares the clone of a template before it is inserted. */
  _prepareClone(template: Template, root: ParentNode): void;
  /** Synchronizes controls with their attributes where that is allowed; see `Controls`. */
  _settle(instance: Instance, event: number, time: number): void;
  /** Applies an operation on a form or a control. */
  _applyEffect(instance: Instance, op: Effect, arg: unknown): void;
  /** Whether a patch caused an event. */
  _wasCaused(event: Event): boolean;
  /** Reads the payload of an event. */
  _read(payload: string, owner: Element, event: Event): Reading;
  /** Whether a control whose value the event carried was edited later than `time`. */
  _wasEditedSince(reading: Reading, time: number): boolean;
  /** Called when an event has its number. */
  _posted(reading: Reading, type: string, owner: Element, instance: Instance, event: number): void;
  /** Tells the person that a payload is too large to be sent. */
  _refuseTooLarge(reading: Reading, owner: Element): void;
  /** Dispatches `input` and `change` for edits that no event has reported. */
  _reportEdits(dispatch: (event: Event, path: EventTarget[]) => void): void;
  /** Whether `_reportEdits` reports what happened to this target. */
  _isReported(target: unknown): boolean;
}

/**
 * What `client` provides for the other parts. All are built together, so they agree on the short names of properties.
 */
export interface Page extends Host {
  /** The session of the root; absent if its HTML could not be hydrated. */
  _root?: Session;
  /** Runs the commands of a handler, once the part `commands` has loaded, which replaces this method. */
  _commands(handler: Handler, event: Event): void;
  /**
   * Takes up a handler, or its new specification, whose type the part `events` handles, once that part has loaded,
   * which replaces this method.
   */
  _observe(handler: Handler): void;
  _events?: EventHandlers;
  _sort?: Sort;
  _sortKeys?: SortKeys;
  /** Dispatches an event to the handlers of the elements in `path` with this type. */
  _dispatch(event: Event, path: EventTarget[], type?: string): void;
  /** Mounts the page again. */
  _remount(): void;
  /** Reloads the page, since the server has another client. */
  _reload(): void;
  /** The URL of the client's script. */
  _script: string;
  /** The live part of the document. */
  _live(): LivePart;
  /** Returns the live part of a document; `[undefined]` if its root comments are missing. */
  _find(document: Document): LivePart | [undefined] | undefined;
  /** Leaves the page for another, whose live part `swap` puts into the document. */
  _show(part: LivePart, swap: () => void): void;
  /** Loads a part of the client once, and installs it in the page. */
  _loadPart(part: UrlName): unknown;
  /** Shows a notice. */
  _notify(text: string): void;
  /** Whether a payload is too large to be sent. */
  _isTooLarge(payload: string): boolean;
  /** Reports edits that no event has reported, and dispatches events from before the client ran. */
  _catchUp(early: Event[]): void;
  /** Sends the events whose debounce or throttle time has not passed yet. */
  _sendHeld(): void;
  /** Fetches another page, in place of `fetch`. */
  _fetch?: typeof fetch;
  /** The handlers of an element. (The part `development` has its own copy of `handler.ts`, which knows none.) */
  _handlersOf(element: EventTarget): Handler[];
}
