/**
 * The extension point: what the second part of the client (`extras/`) adds to this one.
 *
 * The first part holds what every live page runs. Instances inside others, channels and hooks are in a file of their own,
 * which is imported when the data block, a message or a script of the page asks for it.
 */

import type { Content } from "./content.ts";
import type { Channels } from "./extras/channels.ts";
import type { Instance } from "./instance.ts";
import type { Boot } from "./protocol.ts";
import type { Line, Session } from "./session.ts";

/** What the second part puts into the `Page`. */
export interface Extension {
  /** The channels of the line's instance. */
  lineChannels: Channels;
  /** Puts an instance with its first HTML where nothing stands yet. */
  insertChild(slot: Content, boot: Boot, html: string, rootFlags: number): void;
  /** Applies an operation that the first part does not know. */
  applyOther(instance: Instance, op: number, arg: unknown): void;
  /** Reads a message that is not for the first part. The result is false if it is. */
  readOther(message: unknown): boolean;
}

/** What the second part takes from the first. Both are built together: they agree on the names of properties. */
export interface Page extends Line {
  /** The session of the root instance; none if its HTML could not be brought to life. */
  rootSession?: Session;
  /** Mounts the page again. */
  mountAgain(): void;
  /** Sends the events that wait for a debounce or throttle time. */
  sendHeld(): void;
}
