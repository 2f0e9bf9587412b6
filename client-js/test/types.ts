/**
 * A page's script as its author would write it: `npm run check` checks it against `lanai.d.ts`. It never runs.
 */

import { type Channel, type Json, lanai, LanaiError } from "/_lanai/lanai.js";

interface SlotRange {
  lat: number;
  lon: number;
}

lanai.hook("map", {
  /** A property of the hook itself. */
  places: [] as SlotRange[],
  add(place: SlotRange) {
    this.places.push(place);
    this.el.dataset["count"] = `${this.places.length}`;
  },
  mounted() {
    const channel: Channel = this.channel("map");
    const off = channel.on<SlotRange>("add", (place) => this.add(place));
    channel.on("where", async (): Promise<SlotRange> => ({ lat: 0, lon: 0 }));
    off();
    this.timer = setInterval(() => channel.emit("tick"), 1000);
  },
  updated() {
    this.el.focus();
  },
  destroyed() {
    clearInterval(this.timer);
  },
  disconnected() {},
  reconnected() {},
});

export async function ask(question: Json): Promise<string> {
  try {
    return await lanai.channel("chat").request<string>("ask", question, { timeout: 1000 });
  } catch (error) {
    if (error instanceof LanaiError && error.kind == "timeout") return "";
    // @ts-expect-error There is no such kind.
    if (error instanceof LanaiError && error.kind == "lost") return "";
    throw error;
  }
}

// @ts-expect-error A channel has a name.
lanai.channel();
// @ts-expect-error A handler is a function.
lanai.channel("a").on("b", 1);
// @ts-expect-error The name of a channel is read-only.
lanai.channel("a").name = "b";
