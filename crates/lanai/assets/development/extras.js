// src/protocol.ts
var OF_PART = "~";
var OF_WINDOW = OF_PART + "window:";
var OF_SHORTCUT = OF_PART + "shortcut:";
var UNSAVED = "[data-lanai-unsaved]";
var PREFETCH = "[data-lanai-prefetch]";
var WITH_HISTORY = `form,input,textarea,${UNSAVED},meta[name=view-transition],${PREFETCH}`;
function childMessage(text, number, acknowledged) {
  if (text[1] == '"') return JSON.stringify([number, "attach", JSON.parse(text)[3], acknowledged]);
  return `["${number}",` + (text[0] == "[" ? text.slice(1) : text + "]");
}
var STICKY = "lanai-sticky";
function channelHandler(channel, event) {
  return JSON.stringify([channel, `${event}`]).slice(1, -1);
}
function answerMessage(id, outcome, ofChild) {
  return JSON.stringify({ "answer": [id, ...outcome], "of": ofChild });
}

// src/development/warnings.ts
var warned = /* @__PURE__ */ new WeakMap();
function warn(code, mistake, text, ...elements) {
  const known = warned.get(document) ?? /* @__PURE__ */ new Set();
  warned.set(document, known);
  if (known.has(code + mistake)) return;
  known.add(code + mistake);
  console.warn(`lanai ${code}: ${text} See "Warnings in development" in chapter 4 of the guide:`, ...elements);
}

// src/violation.ts
var OUT_OF_SYNC = "The page and the server are out of sync. This is a bug in Lanai, or another script has changed the live part.";
var CHANGED = "Something has changed the HTML between the server and this script: a proxy, an extension, or the browser's parser, which repairs markup.";
var WORDS = {
  [1 /* Acknowledgement */]: `A frame acknowledges fewer events than the one before. ${OUT_OF_SYNC}`,
  [2 /* Operation */]: `The client does not know this operation, or it does not fit its slot. ${OUT_OF_SYNC}`,
  [3 /* Slot */]: `A frame patches a slot that the page does not have. ${OUT_OF_SYNC}`,
  [4 /* Row */]: `A frame patches a row that the page does not have. ${OUT_OF_SYNC}`,
  [5 /* Template */]: `A frame uses a template that the server has not defined. ${OUT_OF_SYNC}`,
  [6 /* Markers */]: `The HTML of a template does not have the markers of its slots. ${CHANGED}`,
  [7 /* Values */]: `A frame has fewer values than a template has slots. ${OUT_OF_SYNC}`,
  [8 /* Hydration */]: `The HTML of this page does not have the markers of its slots. ${CHANGED}`,
  [9 /* Version */]: "The page and its script have different versions. A cache or proxy has combined the HTML of one deploy with the script of another."
};
function fail(violation) {
  throw new Error("lanai E" + violation + (true ? ": " + WORDS[violation] : ""));
}

// src/extras/channel.ts
var Channel = class {
  /** The listeners, in the order in which they were added. */
  _listeners = [];
  _isClosed = false;
  constructor(name, channels) {
    this.name = name;
    this._channels = channels;
  }
  on(event, handler) {
    if (typeof handler != "function") throw new TypeError("lanai: the handler must be a function");
    const listener = { _channel: this, _event: `${event}`, _handler: handler };
    if (!this._isClosed) this._listeners.push(listener);
    this._channels._deliverSoon();
    return () => {
      this._listeners = this._listeners.filter((one) => one != listener);
    };
  }
  emit(event, payload) {
    this._channels._post(this, event, payload);
  }
  request(event, payload, options) {
    return this._channels._request(this, event, payload, options);
  }
  close() {
    if (this._isClosed) return;
    this._isClosed = true;
    this._listeners = [];
    this._channels._hasClosed(this);
  }
};

// src/extras/error.ts
var LanaiError = class extends Error {
  constructor(kind, message) {
    super(message);
    this.name = "LanaiError";
    this.kind = kind;
  }
};
function callScript(script) {
  try {
    script();
  } catch (error) {
    console.error(error);
  }
}

// src/extras/channels.ts
var Channels = class {
  _ends = /* @__PURE__ */ new Map();
  _pageRequests = /* @__PURE__ */ new Map();
  _serverRequests = /* @__PURE__ */ new Map();
  _lastRequest = 0;
  /** What was sent before there was an instance. */
  _unsent = [];
  /** Assigns these channels to an instance. */
  _bind(page2, session2, ofChild) {
    this._page = page2;
    this._session = session2;
    this._child = ofChild;
    this._endReason = void 0;
    this._serverRequests.clear();
    for (const ends of this._ends.values()) Object.assign(ends, newEnds(ends._open));
    for (const sent of this._unsent.splice(0)) session2._post(sent);
  }
  /** Rejects all requests, since the instance has ended. Keeps what waits for the first instance. */
  _endAll(kind) {
    if (!this._session) return;
    this._endReason = kind;
    for (const { _settle: settle } of this._pageRequests.values()) settle(0, kind);
  }
  /** Returns the open channel in `opened`, or opens one. */
  _openChannel(name, opened2) {
    let channel = opened2.get(name);
    if (!channel || channel._isClosed) {
      opened2.set(name, channel = new Channel(`${name}`, this));
      const ends = this._endsOf(channel.name);
      ends._open.push(channel);
      ends._wasOpen = true;
      this._deliverSoon();
    }
    return channel;
  }
  /** Called when a channel was closed: answers the requests that it was to answer, and rejects those that it made. */
  _hasClosed(channel) {
    const ends = this._endsOf(channel.name);
    ends._open = ends._open.filter((one) => one != channel);
    for (const [id, asked] of this._serverRequests) if (asked._channel == channel) this._answer(id, asked, [0, "gone"]);
    for (const asking of this._pageRequests.values()) if (asking._channel == channel) asking._settle(0, "closed");
    this._deliverSoon();
  }
  /** Sends a message; with an `id`, a request. */
  _post(channel, event, payload = null, id) {
    const { _page: page2, _session: session2 } = this;
    const json = JSON.stringify(payload);
    if (!json) throw new TypeError("lanai: the payload must be JSON");
    if (channel._isClosed || this._endReason) return;
    const sent = {
      _number: 0,
      _handler: channelHandler(channel.name, event),
      _payload: id ? `${json},${id}` : json,
      _happenedAt: page2?._elements ? ++page2._elements._editClock : 0
    };
    if (!session2) return void this._unsent.push(sent);
    page2._sendHeld();
    session2._post(sent);
  }
  /** Sends a request. */
  _request(channel, event, payload, { timeout = 5e3 /* Default */ } = {}) {
    return new Promise((resolve, reject) => {
      const id = ++this._lastRequest;
      this._post(channel, event, payload, id);
      let timer;
      const settle = (answer, kind, message) => {
        clearTimeout(timer);
        this._pageRequests.delete(id);
        if (kind) reject(new LanaiError(kind, `${channel.name} ${event}: ${message ?? kind}`));
        else resolve(answer);
      };
      if (channel._isClosed || this._endReason) return settle(0, "closed");
      this._pageRequests.set(id, { _channel: channel, _settle: settle });
      if (timeout < 2147483648 /* Longest */) timer = setTimeout(() => settle(0, "timeout", `no answer in ${timeout} ms`), timeout);
    });
  }
  /** Applies an operation of a frame. */
  _apply(op, arg) {
    if (op == -9 /* Channel */) {
      const [name, event, payload, id] = arg;
      this._endsOf(name)._undelivered.push({ _event: event, _payload: payload, id });
    } else if (op == -10 /* Answer */) {
      const [id, ...outcome] = arg;
      this._pageRequests.get(id)?._settle(...outcome);
    } else if (op == -11 /* Forget */) {
      this._serverRequests.delete(arg);
      for (const ends of this._ends.values()) ends._undelivered = ends._undelivered.filter(({ id }) => id != arg);
    } else {
      fail(2 /* Operation */);
    }
  }
  /** Sends the answers again that the server may not have received. */
  _repeatAnswers() {
    for (const { _answer: answer } of this._serverRequests.values()) if (answer) this._page._transmit(answer);
  }
  /** Delivers messages after the current script, which may add more listeners. */
  _deliverSoon() {
    queueMicrotask(() => this._deliver());
  }
  /** Delivers the messages that have listeners. */
  _deliver() {
    for (const [name, ends] of this._ends) {
      for (const message of ends._undelivered.splice(0)) this._dispatch(ends, message);
      const kept = ends._undelivered.filter(({ id }) => id == null);
      let tooMany = kept.length - 100 /* Messages */;
      if (tooMany > 0) {
        ends._undelivered = ends._undelivered.filter(({ id }) => id != null || --tooMany < 0);
        if (!ends._hasWarned) warnUnlistened(name, kept[0]._event);
        ends._hasWarned = true;
      }
    }
  }
  _dispatch(ends, message) {
    const { _event: event, _payload: payload, id } = message;
    const { _open: open, _wasOpen: wasOpen } = ends;
    const heard = open.flatMap((channel) => channel._listeners).filter((listener) => listener._event == event);
    if (id == null) {
      for (const { _handler: handler } of heard) callScript(() => handler(payload));
      if (!heard[0] && (open[0] || !wasOpen)) ends._undelivered.push(message);
    } else if (heard[0]) {
      const { _channel: ofChannel, _handler: handler } = heard[0];
      const asked = this._addServerRequest(id, ofChannel);
      new Promise((resolve) => resolve(handler(payload))).then((result) => this._answer(id, asked, [result ?? null])).catch((error) => {
        console.error(error);
        this._answer(id, asked, [0, "failed", `${error?.message ?? error}`]);
      });
    } else if (wasOpen) {
      this._answer(id, this._addServerRequest(id), [0, open[0] ? "none" : "gone"]);
    } else {
      ends._undelivered.push(message);
    }
  }
  /** Records that the server waits for an answer. */
  _addServerRequest(id, ofChannel) {
    const asked = { _channel: ofChannel, _answer: void 0 };
    this._serverRequests.set(id, asked);
    return asked;
  }
  /** Sends the first answer, if the server still waits for it. */
  _answer(id, asked, outcome) {
    if (asked._answer || this._serverRequests.get(id) != asked) return;
    asked._answer = answerMessage(id, outcome, this._child);
    if (this._session._isAttached) this._page._transmit(asked._answer);
  }
  _endsOf(name) {
    let ends = this._ends.get(name);
    if (!ends) this._ends.set(name, ends = newEnds([]));
    return ends;
  }
};
function newEnds(openEnds) {
  return { _open: openEnds, _wasOpen: !!openEnds[0], _undelivered: [], _hasWarned: false };
}
function warnUnlistened(channel, event) {
  if (false) return console.warn(`lanai W6: no listener for ${channel} ${event}: dropped`);
  warn(
    "W6" /* Unlistened */,
    channel + event,
    `no script listens to "${event}" on the channel "${channel}". The page keeps the last ${100 /* Messages */} messages, and has dropped the oldest. Listen with lanai.channel("${channel}").on("${event}", …), or do not emit the messages.`
  );
}

// src/extras/children.ts
var Children = class {
  _byNumber = /* @__PURE__ */ new Map();
  _past = /* @__PURE__ */ new Map();
  constructor(page2) {
    this._page = page2;
  }
  /** Hydrates the children in the first HTML of an instance. */
  _hydrate({ _boot: boot }) {
    for (const [number, child] of Object.entries(boot.c ?? {})) this._adoptChild(child._childSlot ?? fail(8 /* Hydration */), number, child);
  }
  /** Inserts a child with its first HTML into an empty slot. */
  _insert(slot, boot, html, rootFlags) {
    slot._fillWith(void 0, [html], rootFlags);
    this._adoptChild(slot, boot.i, boot);
  }
  _adoptChild(slot, number, boot) {
    const { _page: page2, _byNumber: byNumber, _past: past } = this;
    this._forget(number, "gone");
    const root = page2._root;
    const channels = new Channels();
    const host = Object.assign(Object.create(page2), {
      // Before the root is attached, nothing is sent, whatever was attached to the previous socket.
      _transmit: (text) => page2._root._isAttached && page2._transmit(childMessage(text, number, session2._acknowledged)),
      _channels: channels,
      _sessionAttached: () => channels._repeatAnswers(),
      _end: () => page2._children._forget(number, "closed")
    });
    const live = new slot.constructor(slot._opening, slot._closing);
    const session2 = new root.constructor({ ...boot, i: number }, live, host);
    const [acknowledged, counted] = past.get(number) ?? [0, {}];
    session2._acknowledged = acknowledged;
    Object.assign(session2._queue, counted);
    channels._bind(page2, session2, number);
    slot._inner = {};
    byNumber.set(number, { _session: session2, _channels: channels, _slot: slot, _placeholder: slot._inner });
    if (root._isAttached) session2._attach();
    this._hydrate(session2);
  }
  /** Attaches all children to a new socket. */
  _attach() {
    for (const { _session: session2 } of this._byNumber.values()) session2._attach();
  }
  /** Reads a message about a child. Returns false if it is not about a child, or if a child is gone. */
  _readMessage(message) {
    if (Array.isArray(message)) {
      const [number, acknowledged, ...ops] = message;
      if (typeof number != "string") return false;
      this._byNumber.get(number)?._session._receiveFrame(acknowledged, ops);
      return true;
    }
    if (!("of" in message)) return false;
    const child = this._byNumber.get(message.of);
    if (!child) return true;
    const { _session: session2 } = child;
    if ("attached" in message) session2._attached(message["attached"]);
    else if ("note" in message) note(session2, message["note"]);
    else return false;
    return true;
  }
  /** Forgets the children whose slot has left the page or has other content. */
  _prune() {
    for (const [number, { _slot: slot, _placeholder: sign }] of this._byNumber) {
      if (slot._inner != sign || !slot._opening.isConnected) this._forget(number, "gone");
    }
  }
  /** Delivers the messages for the page's scripts. */
  _deliver() {
    for (const { _channels: channels } of this._byNumber.values()) channels._deliver();
  }
  /** Forgets all children. */
  _endAll(kind) {
    for (const number of this._byNumber.keys()) this._forget(number, kind);
  }
  _forget(number, kind) {
    const child = this._byNumber.get(number);
    if (!child) return;
    const { _session: session2, _channels: channels } = child;
    const { _acknowledged: acknowledged, _queue: queue } = session2;
    this._byNumber.delete(number);
    this._past.set(number, [acknowledged, { _sent: queue._sent, _lastEvent: queue._lastEvent }]);
    session2._host._hasEnded = true;
    session2._isAttached = false;
    channels._endAll(kind);
  }
  /** The channels of the innermost child around an element. */
  _channelsAt(element) {
    let inner;
    for (const child of this._byNumber.values()) {
      if (isIn(element, child._slot) && (!inner || isIn(child._slot._opening, inner._slot))) inner = child;
    }
    return inner?._channels;
  }
};
function note(instance, [acknowledged, ...ops]) {
  if (acknowledged && acknowledged <= instance._acknowledged) return;
  instance._applyFrame(acknowledged, ops);
  instance._frames--;
  dispatchEvent(new CustomEvent("lanai:patched"));
}
function isIn(node, { _opening: opening, _closing: closing }) {
  if (!closing) return node != opening && opening.contains(node);
  return !!(opening.compareDocumentPosition(node) & node.compareDocumentPosition(closing) & 4 /* Following */);
}

// src/extras/hooks.ts
var ATTRIBUTE = "data-lanai-hook";
var SELECTOR = `[${ATTRIBUTE}]`;
var CLIENT_ATTRIBUTES = /^data-lanai-|^aria-busy/;
var Hooks = class {
  _hooks = /* @__PURE__ */ new Map();
  _mounted = /* @__PURE__ */ new Map();
  constructor(channelsAt) {
    this._channelsAt = channelsAt;
  }
  _register(name, callbacks) {
    if (this._hooks.has(name)) throw new Error(`lanai: hook "${name}" already exists`);
    this._hooks.set(name, callbacks);
    if (!this._observer) {
      this._observer = new MutationObserver((records) => this._process(records));
      this._observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    }
    this._mountIn([document]);
  }
  /** Unmounts and mounts hooks on the whole page. */
  _scan() {
    this._observer?.takeRecords();
    this._unmount();
    this._mountIn([document]);
  }
  /** Called after a frame. */
  _patched() {
    const records = this._observer?.takeRecords();
    if (!records?.[0]) return;
    const before = [...this._mounted];
    const touched = /* @__PURE__ */ new Set();
    for (const { target, attributeName } of records) {
      if (CLIENT_ATTRIBUTES.test(attributeName)) continue;
      for (let node = target; node && !touched.has(node); node = node.parentNode) touched.add(node);
    }
    this._process(records);
    for (const [element, hook] of before) {
      if (touched.has(element) && this._mounted.get(element) == hook) call(hook, "updated");
    }
    this._process(this._observer.takeRecords());
  }
  /** Called when the state of the connection has changed. */
  _connectionChanged(state) {
    for (const hook of this._mounted.values()) {
      if (hook._isDisconnected == (state == "open")) {
        hook._isDisconnected = !hook._isDisconnected;
        call(hook, hook._isDisconnected ? "disconnected" : "reconnected");
      }
    }
  }
  _process(records) {
    if (!records[0]) return;
    this._unmount();
    this._mountIn(records.flatMap(({ target, attributeName, addedNodes }) => attributeName == ATTRIBUTE ? [target] : [...addedNodes]));
  }
  /** Unmounts the hooks whose element has left the page or has another hook now. */
  _unmount() {
    for (const [element, hook] of this._mounted) {
      if (element.isConnected && element.getAttribute(ATTRIBUTE) == hook._name) continue;
      this._mounted.delete(element);
      call(hook, "destroyed");
      for (const channel of hook._opened.values()) channel.close();
    }
  }
  _mountIn(nodes) {
    for (const node of nodes) {
      if (!node.isConnected) continue;
      if (node.matches?.(SELECTOR)) this._mount(node);
      node.querySelectorAll?.(SELECTOR).forEach((element) => this._mount(element));
    }
  }
  _mount(element) {
    const hookName = element.getAttribute(ATTRIBUTE);
    const callbacks = this._hooks.get(hookName);
    const channels = this._channelsAt(element);
    if (!callbacks || !channels || this._mounted.has(element) || !element.isConnected) return;
    const opened2 = /* @__PURE__ */ new Map();
    const channel = (name) => {
      const channel2 = channels._openChannel(name, opened2);
      if (this._mounted.get(element) != hook) channel2.close();
      return channel2;
    };
    const hook = { _name: hookName, _context: Object.assign(Object.create(callbacks), { el: element, channel }), _opened: opened2, _isDisconnected: false };
    this._mounted.set(element, hook);
    call(hook, "mounted");
  }
};
function call({ _context: hookContext }, name) {
  callScript(() => hookContext[name]?.());
}

// src/extras/sync.ts
function sync(instance, [frames, next, ...numbers]) {
  instance._frames = frames - 1;
  instance._nextHandler = next;
  if (instance._live._inner) renumber(instance._live._inner, numbers);
  if (numbers.length) fail(3 /* Slot */);
}
function renumber({ _template: madeFrom, _parts: parts }, numbers) {
  madeFrom?._slots.forEach(({ _kind: kind }, index) => {
    const part = parts[index];
    if (kind == 5 /* Event */) part._number = numbers.shift() ?? fail(3 /* Slot */);
    else if (kind == 6 /* Node */ && part._inner) renumber(part._inner, numbers);
    else if (kind == 7 /* List */) for (const row of part._rows) renumber(row, numbers);
  });
}

// src/extras/index.ts
var page;
var session;
var children;
var rootChannels = new Channels();
var opened = /* @__PURE__ */ new Map();
var hooks = new Hooks((element) => session && session == page?._root ? children?._channelsAt(element) ?? rootChannels : void 0);
var lanai = {
  channel: (name) => rootChannels._openChannel(name, opened),
  hook: (name, callbacks) => hooks._register(name, callbacks)
};
Object.assign(globalThis, { lanai });
async function install(mounted) {
  const { _root: rootSession } = mounted;
  rootChannels._endAll("gone");
  children?._endAll("gone");
  hooks._unmount();
  page = mounted;
  children = new Children(page);
  if (!page._children) {
    const { _sessionAttached: sessionAttached } = page;
    page._sessionAttached = () => {
      sessionAttached();
      rootChannels._repeatAnswers();
      children._attach();
    };
  }
  Object.assign(page, {
    _channels: rootChannels,
    _children: children,
    _applyExtra(instance, op, arg) {
      if (op == -8 /* Sync */) sync(instance, arg);
      else instance._host._channels._apply(op, arg);
    }
  });
  if (!rootSession) return;
  rootChannels._bind(page, rootSession);
  children._hydrate(rootSession);
  if (document.querySelector(STICKY)) await page._loadPart("sticky" /* Sticky */);
  session = rootSession;
  hooks._scan();
}
addEventListener(
  "lanai:patched",
  () => {
    children?._prune();
    hooks._patched();
    rootChannels._deliver();
    children?._deliver();
  },
  true
);
addEventListener("lanai:connection", (event) => {
  const state = event.detail;
  if (state == "connecting") ask();
  if (state == "closed") {
    rootChannels._endAll("closed");
    children?._endAll("closed");
  }
  hooks._connectionChanged(state);
});
function ask() {
  dispatchEvent(new Event("lanai:extras"));
}
ask();
export {
  LanaiError,
  install as default,
  lanai
};
