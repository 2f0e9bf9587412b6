/**
 * The extension point: what the second part of the client (`extras/`) adds to this one.
 *
 * The first part holds what every live page runs. Instances inside others, channels and hooks are in a file of their own,
 * which is imported when the data block, a message or a script of the page asks for it.
 */

import type { Content } from "./content.ts";
import type { Channels } from "./extras/channels.ts";
import type { Control } from "./elements/controls.ts";
import type { Handler } from "./handler.ts";
import type { Instance } from "./instance.ts";
import type { Boot, Effect } from "./protocol.ts";
import type { Line, Session } from "./session.ts";
import type { Template } from "./template.ts";

/** What the second part puts into the `Page`. */
export interface Extension {
  /** The channels of the line's instance. */
  _channels: Channels;
  /** Puts an instance with its first HTML where nothing stands yet. */
  _insertChild(slot: Content, boot: Boot, html: string, rootFlags: number): void;
  /** Applies an operation that the first part does not know. */
  _applyOther(instance: Instance, op: number, arg: unknown): void;
  /** Reads a message that is not for the first part. The result is false if it is. */
  _readOther(message: unknown): boolean;
}

/** What was read of an event. */
export interface Reading {
  _form: Element | null;
  /** The control that it is about. */
  _control: Control | undefined;
  /** The controls whose values are part of it. */
  _carried: Control[];
  /** What it brings along, if that is of a control or a form. */
  _json: string | undefined;
}

/** What the part for elements that lead a life of their own (`elements/`) does for the first. */
export interface Elements {
  /** Orders edits and events. */
  _editClock: number;
  /** A live part has come to the page. */
  _adopt(holder: Node): void;
  /** Has an element show what another one shows, if a person has edited that. `isSame`: for the same instance, which may have been told of it. */
  _carryOver(from: Element, to: Element, isSame?: boolean): void;
  /** Writes an attribute, if that takes more than writing it. */
  _writes(element: Element, name: string, value: unknown): boolean;
  /** The attribute of a control or an option was written. */
  _wroteAttribute(element: Element, by: Instance): void;
  /** Looks after the clone of a template before it is in the page. */
  _arrive(template: Template, root: ParentNode): void;
  /** Brings in step what may be: see `Controls`. */
  _settle(instance: Instance, event: number, time: number): void;
  /** Applies an operation about a form or a control. */
  _applyEffect(instance: Instance, op: Effect, arg: unknown): void;
  /** Whether it was a patch that has caused an event. */
  _wasCaused(event: Event): boolean;
  /** Reads what an event brings along. */
  _read(payload: string, owner: Element, event: Event): Reading;
  /** Whether a control of an event was edited after it. */
  _wasEditedSince(reading: Reading, time: number): boolean;
  /** An event has got its number. */
  _posted(reading: Reading, type: string, owner: Element, instance: Instance, event: number): void;
  /** Tells the person that something is too large to be sent. */
  _refuseTooLarge(reading: Reading, owner: Element): void;
  /** Has the events of edits executed that no event has told of, */
  _tellUntold(dispatch: (event: Event, path: EventTarget[]) => void): void;
  /** and whether these are told so. */
  _tellsOf(target: unknown): boolean;
}

/** What the second part takes from the first. Both are built together: they agree on the names of properties. */
export interface Page extends Line {
  /** The session of the root instance; none if its HTML could not be brought to life. */
  _root?: Session;
  /** Mounts the page again. */
  _mountAgain(): void;
  /** Loads the page again: the server has another client. */
  _loadAgain(): void;
  /** A handler of a view that has ended was wanted. */
  _tooLate(): void;
  /** Whether a payload is too large to be sent. */
  _isTooLarge(payload: string): boolean;
  /** Tells the server of edits that no event has told of, and executes events from before there was a page to hear them. */
  _catchUp(early: Event[]): void;
  /** Sends the events that wait for a debounce or throttle time. */
  _sendHeld(): void;
  /** The handlers of an element: the part for development has a copy of that module, which knows none. */
  _handlersOf(element: EventTarget): Handler[];
}
