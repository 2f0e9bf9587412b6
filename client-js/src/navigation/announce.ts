/**
 * What people see and hear of a navigation: a bar while it takes long, and the title of the new page.
 *
 * The styles have no specificity (`:where`), so any rule for `.lanai-progress` overrides them.
 */

/** After how long a navigation shows that it is under way, in milliseconds. */
const PROGRESS_DELAY = 200;

const STYLE =
  ":where(.lanai-progress){position:fixed;z-index:999;top:0;inset-inline-start:0;height:3px;background:AccentColor;animation:lanai-progress 8s ease-out both}" +
  "@keyframes lanai-progress{from{width:0}to{width:95%}}" +
  "@media(prefers-reduced-motion){:where(.lanai-progress){animation:none;width:100%}}" +
  ":where(.lanai-announcer){position:fixed;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}" +
  ':where([tabindex="-1"]:focus){outline:none}';

const status = create("announcer");
const bar = create("progress");
let timer: ReturnType<typeof setTimeout> | undefined;

status.role = "status";

const sheet = new CSSStyleSheet();
sheet.replaceSync(STYLE);
document.adoptedStyleSheets.push(sheet);

/** Creates an element of the client. */
function create(name: string): HTMLElement {
  const element = document.createElement("div");
  element.className = "lanai-" + name;
  return element;
}

/** Shows a progress bar after a while. Returns a function that hides it. */
export function showProgress(): () => void {
  hide();
  const own = (timer = setTimeout(() => document.body.append(bar), PROGRESS_DELAY));
  // A newer navigation has its own.
  return () => own == timer && hide();
}

function hide(): void {
  clearTimeout(timer);
  bar.remove();
}

/** Makes screen readers say a text. */
export function announce(text: string): void {
  status.textContent = "";
  document.body.append(status);
  // Screen readers announce a change of a status element, but not the text that it is inserted with.
  setTimeout(() => (status.textContent = text), 100);
}
