/**
 * Records what a person does before the client runs. This script is in the head, and small enough not to delay the
 * page. The client takes over the recorded events when it starts. (The browser does not submit a form that has a
 * handler meanwhile, since its `method` is `dialog`.)
 */

globalThis.lanaiEarly = [];
for (const type of ["click", "dblclick", "keydown", "submit"]) {
  addEventListener(type, (event) => globalThis.lanaiEarly?.push(event), true);
}
