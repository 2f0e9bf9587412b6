// Composition as an input method does it, with real `composition…` events, which WebDriver's keyboard cannot produce.

/** Composes text in the focused control. Call it again to change the text. */
export async function compose(engine, page, text) {
  if (engine === "chromium") {
    await inProtocol(page, "Input.imeSetComposition", { text, selectionStart: text.length, selectionEnd: text.length });
    return;
  }
  await inChrome(page, `
    tip.setPendingCompositionString(${JSON.stringify(text)});
    tip.appendClauseToPendingComposition(${text.length}, tip.ATTR_RAW_CLAUSE);
    tip.setCaretInPendingComposition(${text.length});
    if (!tip.flushPendingComposition()) throw new Error("no control takes the composition");
  `);
}

/** Ends the composition by committing this text. */
export async function commit(engine, page, text) {
  if (engine === "chromium") await inProtocol(page, "Input.insertText", { text });
  else await inChrome(page, `tip.commitCompositionWith(${JSON.stringify(text)});`);
}

async function inProtocol(page, method, parameters) {
  const session = await page.createCDPSession();
  await session.send(method, parameters);
  await session.detach();
}

/**
 * Runs a script in the browser's own window around the page, because only there Firefox has its text input processor.
 * This needs `--remote-allow-system-access`.
 */
async function inChrome(page, script) {
  const { connection } = page.browser();
  const send = async (method, parameters) => (await connection.send(method, parameters)).result;
  await page.bringToFront();
  const [{ clientWindow }] = (await send("browsingContext.getTree", { root: page.mainFrame()._id, maxDepth: 0 })).contexts;
  const windows = (await send("browsingContext.getTree", { "moz:scope": "chrome", maxDepth: 0 })).contexts;
  const window = windows.find((window) => window.clientWindow === clientWindow);
  const answer = await send("script.evaluate", {
    expression: `{
      const tip = (window.inputOfTests ??= Cc["@mozilla.org/text-input-processor;1"].createInstance(Ci.nsITextInputProcessor));
      if (!tip.beginInputTransactionForTests(window)) throw new Error("the text input processor is in use");
      ${script}
    }`,
    target: { context: window.context },
    awaitPromise: true,
  });
  if (answer.type === "exception") throw new Error(answer.exceptionDetails.text);
}
