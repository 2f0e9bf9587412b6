/**
 * View transitions between pages.
 */

/**
 * Changes the page: with a view transition if the page has opted in, as with `<meta name="view-transition">`, and the
 * person has nothing against motion.
 */
export async function transition(change: () => void): Promise<void> {
  const isWanted = document.querySelector('meta[name="view-transition"]') && !matchMedia("(prefers-reduced-motion)").matches;
  if (isWanted && (document as Partial<Document>).startViewTransition) await document.startViewTransition(change).updateCallbackDone;
  else change();
}
