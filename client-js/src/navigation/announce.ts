/**
 * What people see and hear of a navigation: a bar while it takes long, and the title of the new page.
 *
 * The styles have no specificity (`:where`), so any rule for `.lanai-progress` overrides them.
 */

/** After how long a navigation shows that it is under way, in milliseconds. */
const PROGRESS_DELAY = 200;

const STYLE =
  ":where(.lanai-progress){position:fixed;z-index:9999;inset:0 0 auto;height:3px;background:AccentColor;transform-origin:left;animation:lanai-progress 8s cubic-bezier(0,.6,.2,1) both}" +
  "[dir=rtl] :where(.lanai-progress){transform-origin:right}" +
  "@keyframes lanai-progress{from{transform:scaleX(0)}to{transform:scaleX(.95)}}" +
  "@media(prefers-reduced-motion){:where(.lanai-progress){animation:none}}" +
  ":where(.lanai-announcer){position:fixed;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}" +
  ':where([tabindex="-1"]:focus){outline:none}';

let status: HTMLElement | undefined;
let bar: HTMLElement | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;
let hasStyle = false;

/** Creates an element of the client, with its style. */
function create(className: string): HTMLElement {
  if (!hasStyle) {
    hasStyle = true;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    document.adoptedStyleSheets.push(sheet);
  }
  const element = document.createElement("div");
  element.className = className;
  return element;
}

/** Shows a progress bar after a while. Returns a function that hides it. */
export function showProgress(): () => void {
  const own = (timer = hide(() => {
    bar ??= create("lanai-progress");
    bar.setAttribute("aria-hidden", "true");
    document.body.append(bar);
  }));
  return () => {
    // A newer navigation has its own.
    if (own == timer) hide();
  };
}

/** Hides the bar, and calls `later` after the delay. */
function hide(later?: () => void): ReturnType<typeof setTimeout> | undefined {
  clearTimeout(timer);
  bar?.remove();
  return later && setTimeout(later, PROGRESS_DELAY);
}

/** Makes screen readers say a text. */
export function announce(text: string): void {
  if (!status) {
    status = create("lanai-announcer");
    status.role = "status";
  }
  status.textContent = "";
  document.body.append(status);
  // Screen readers announce a change of a status element, but not the text that it is inserted with.
  setTimeout(() => (status!.textContent = text), 100);
}
