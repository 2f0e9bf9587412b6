/**
 * What a person does before the client runs: a script that stands in the head and is so small that nothing waits for it. The events are
 * remembered until the client takes them over. (A form with a handler is not sent meanwhile: its `method` is `dialog`.)
 */

const page = globalThis as { lanaiEarly?: Event[] | undefined };

page.lanaiEarly = [];
for (const type of ["click", "dblclick", "keydown", "submit"]) {
  addEventListener(type, (event) => page.lanaiEarly?.push(event), true);
}
