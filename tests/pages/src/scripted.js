// The script of `/scripted`. It logs what happens, for the tests to check.

import { lanai, LanaiError } from "/_lanai/lanai.js";

const log = [];
const ticks = [];

lanai.hook("probe", {
  mounted() {
    log.push(`mounted ${this.el.id}`);
    this.channel("test").emit("say", `hello from ${this.el.id}`);
    this.channel("test").on("where", () => `at ${this.el.id}`);
    this.channel("test").on("never", () => new Promise(() => {}));
    this.channel("test").on("broken", () => {
      throw new Error("no map here");
    });
    this.el.querySelector(".own")?.append("mine");
  },
  updated() {
    log.push(`updated ${this.el.id}`);
  },
  destroyed() {
    log.push(`destroyed ${this.el.id}`);
  },
  disconnected() {
    log.push(`disconnected ${this.el.id}`);
  },
  reconnected() {
    log.push(`reconnected ${this.el.id}`);
  },
});

lanai.channel("test").on("tick", (tick) => ticks.push(tick));

/** Asks the view; the result is the answer, or the kind of the error. */
async function ask(event, payload, options) {
  try {
    return await lanai.channel("test").request(event, payload, options);
  } catch (error) {
    return error instanceof LanaiError ? error.kind : String(error);
  }
}

Object.assign(globalThis, { probe: { log, ticks, ask, say: (text) => lanai.channel("test").emit("say", text) } });
