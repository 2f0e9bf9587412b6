/**
 * The head of the document: style sheets, scripts and metadata of the page that is shown.
 */

/** How long a page waits for its style sheets before it is shown without them, in milliseconds. */
const STYLE_PATIENCE = 3000;

/** The elements that came from the server. Others were added by scripts, and stay. */
const served = new Set<Element>();
/** The scripts that have run, since none runs twice. */
const ran = new Set<string>();

/** Records the head of the document that the browser has loaded. */
export function serveHead(): void {
  for (const element of document.head.children) served.add(element);
  for (const script of document.scripts) ran.add(keyOf(script));
}

/**
 * Adds what the head of a fetched document has and this one lacks, and waits for its style sheets. Returns a function
 * that removes what only the old page had, or with `true`, what was added.
 */
export async function addHead(fetched: Document): Promise<(added?: boolean) => void> {
  const old = new Map([...served].map((element) => [keyOf(element), element]));
  const added: Element[] = [];
  const loading: Promise<unknown>[] = [];
  for (const element of [...fetched.head.children]) {
    const key = keyOf(element);
    if (element.localName == "title" || old.delete(key)) continue;
    const adopted: HTMLElement | undefined = element.localName == "script" ? runnable(element as HTMLScriptElement) : document.adoptNode(element as HTMLElement);
    if (!adopted) continue;
    if ((adopted as HTMLLinkElement).rel == "stylesheet") loading.push(new Promise((loaded) => (adopted.onload = adopted.onerror = loaded)));
    added.push(adopted);
    document.head.append(adopted);
  }
  await Promise.race([Promise.all(loading), new Promise((over) => setTimeout(over, STYLE_PATIENCE))]);
  for (const element of added) served.add(element);
  return (isUndone) => {
    for (const element of isUndone ? added : old.values()) {
      // A script that was removed would run again.
      if (/^(script|title)$/.test(element.localName)) continue;
      served.delete(element);
      element.remove();
    }
  };
}

/** Returns a copy of a script that runs when it is inserted, or undefined if it has run. */
export function runnable(script: HTMLScriptElement): HTMLScriptElement | undefined {
  const key = keyOf(script);
  // Only JavaScript runs. Data, such as JSON, is a copy.
  const isCode = /^(|module|(text|application)\/(java|ecma)script)$/i.test(script.type);
  if (isCode && ran.has(key)) return;
  if (isCode) ran.add(key);
  const copy = document.createElement("script");
  for (const { name, value } of script.attributes) copy.setAttribute(name, value);
  copy.textContent = script.textContent;
  // The policy is that of the first response.
  const { nonce } = document.querySelector<HTMLScriptElement>("script[nonce]") ?? {};
  if (nonce) copy.nonce = nonce;
  return copy;
}

/** What is the same for two elements that do the same. (Browsers hide the nonce of an element in the document.) */
export function keyOf(element: Element): string {
  return element.localName == "script" ? "s" + ((element as HTMLScriptElement).src || element.textContent) : element.outerHTML;
}
