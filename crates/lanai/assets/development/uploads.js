// src/protocol.ts
var OF_PART = "~";
var OF_WINDOW = OF_PART + "window:";
var OF_SHORTCUT = OF_PART + "shortcut:";
var UNSAVED = "[data-lanai-unsaved]";
var PREFETCH = "[data-lanai-prefetch]";
var WITH_HISTORY = `form,input,textarea,${UNSAVED},meta[name=view-transition],${PREFETCH}`;
var UPLOAD_CHANNEL = "lanai-upload:";

// src/uploads/choices.ts
var UPLOAD = "data-lanai-upload";
var DRAGGED = "data-lanai-dragged";
var FILES = 1e4;
function take(input, choose) {
  if (input.files?.length) choose(input, [...input.files].map((file) => [file, file.webkitRelativePath]));
  input.value = "";
}
function listenToChoices(choose) {
  let over;
  addEventListener("change", ({ target }) => {
    if (target.matches?.(`input[${UPLOAD}]`)) take(target, choose);
  });
  for (const type of ["dragover", "dragleave", "drop"]) {
    addEventListener(type, (event) => {
      const { dataTransfer: transfer } = event;
      if (!transfer?.types.includes("Files") || event.defaultPrevented) return;
      const zone = zoneOf(event);
      if (zone || document.querySelector(`[${UPLOAD}]`)) event.preventDefault();
      transfer.dropEffect = zone ? "copy" : "none";
      mark(type == "dragover" ? zone : void 0);
      if (type == "drop" && zone) filesOf(transfer).then((files) => choose(zone, files));
    });
  }
  addEventListener("paste", (event) => {
    const zone = zoneOf(event);
    if (!zone || event.defaultPrevented || !event.clipboardData.files.length) return;
    event.preventDefault();
    choose(zone, [...event.clipboardData.files].map((file) => [file, ""]));
  });
  function mark(zone) {
    if (over == zone) return;
    over?.removeAttribute(DRAGGED);
    zone?.setAttribute(DRAGGED, "");
    over = zone;
  }
}
function zoneOf(event) {
  const zone = event.composedPath().find((node) => !!node.hasAttribute?.(UPLOAD));
  return zone?.matches(":disabled,fieldset:disabled *,[inert],[inert] *") ? void 0 : zone;
}
async function filesOf({ items, files }) {
  const entries = [...items].map((item) => item.webkitGetAsEntry?.());
  const flat = [...files].map((file) => [file, ""]);
  if (!entries.some((entry) => entry?.isDirectory)) return flat;
  const found = [];
  const visit = async (entry) => {
    if (!entry || found.length >= FILES) return;
    if (entry.isFile) {
      const file = await new Promise((done) => entry.file(done, () => done(void 0)));
      if (file) found.push([file, entry.fullPath.slice(1)]);
      return;
    }
    const reader = entry.createReader();
    for (let some; (some = await new Promise((done) => reader.readEntries(done, () => done([])))).length; ) {
      for (const one of some) await visit(one);
    }
  };
  for (const entry of entries) await visit(entry);
  return found;
}

// src/uploads/preview.ts
var PREVIEW = "data-lanai-preview";
var shown = /* @__PURE__ */ new WeakMap();
function drawPreviews(files) {
  for (const canvas of document.querySelectorAll(`canvas[${PREVIEW}]`)) {
    const file = files.get(+canvas.getAttribute(PREVIEW));
    if (!file || shown.get(canvas) == file) continue;
    shown.set(canvas, file);
    draw(canvas, file);
  }
}
async function draw(canvas, file) {
  const { width, height } = canvas;
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, width, height);
  if (!/^image\//.test(file.type)) return;
  try {
    const picture = await createImageBitmap(file, { resizeWidth: width * 2, resizeQuality: "medium" });
    if (shown.get(canvas) != file) return;
    const scale = Math.max(width / picture.width, height / picture.height);
    const [w, h] = [picture.width * scale, picture.height * scale];
    context.drawImage(picture, (width - w) / 2, (height - h) / 2, w, h);
    picture.close();
  } catch {
  }
}

// src/uploads/transfer.ts
var PROGRESS = 250;
var Transfer = class {
  _isSending = false;
  /** Ends the request or the pause that is under way. */
  _attempt = new AbortController();
  constructor(id, file, path, channel) {
    this._id = id;
    this._file = file;
    this._path = path;
    this._channel = channel;
  }
  /** Stops sending it. */
  _stop() {
    this._to = void 0;
    this._attempt.abort();
  }
};
function wake(transfers) {
  for (const { _to: to, _attempt: attempt } of transfers) if (typeof to == "string") attempt.abort();
}
async function send(transfer, script) {
  const { _to: to } = transfer;
  transfer._isSending = true;
  if (typeof to == "string") await sendHere(transfer, new URL(to, script).href, to);
  else await sendElsewhere(transfer, to);
  transfer._isSending = false;
  if (transfer._to == to) transfer._to = void 0;
}
async function sendHere(transfer, url, to) {
  const { _file: file, _channel: channel, _id: id } = transfer;
  let offset = 0;
  let size = 16777216 /* Largest */;
  let failures = 0;
  while (transfer._to == to) {
    if (!await isReadable(file, offset)) return channel.emit("failed", [id, null]);
    const { signal } = transfer._attempt = new AbortController();
    try {
      const request = failures ? { method: "HEAD", signal } : { method: "PATCH", signal, headers: { "upload-offset": `${offset}`, "content-type": "application/offset+octet-stream" }, body: file.slice(offset, offset + size) };
      const { status, headers } = await fetch(url, request);
      const received = headers.get("upload-offset");
      if (status == 410 || status == 404) return;
      if (status == 413 && size > 65536 /* Smallest */) size /= 4;
      else if (received == null) throw 0;
      else {
        offset = +received;
        failures = 0;
        if (offset >= file.size) return;
      }
    } catch {
      if (!signal.aborted) await pause(failures, transfer);
      failures++;
    }
  }
}
function isReadable(file, offset) {
  return file.slice(offset, offset + 1).arrayBuffer().then(() => true, () => false);
}
function pause(failures, transfer) {
  const { signal } = transfer._attempt = new AbortController();
  return new Promise((over) => {
    setTimeout(over, Math.min(500 /* First */ << failures, 1e4 /* Last */) * (0.5 + Math.random() / 2));
    signal.onabort = over;
  });
}
async function sendElsewhere(transfer, to) {
  const { _file: file, _channel: channel, _id: id } = transfer;
  for (let failures = 0; transfer._to == to; failures++) {
    const status = await put(transfer, to);
    if (status >= 200 && status < 300) return channel.emit("sent", [id, file.size, true]);
    if (!await isReadable(file, 0)) return channel.emit("failed", [id, null]);
    if (status >= 400 && status < 500 || failures == 3 /* Elsewhere */) {
      if (transfer._to == to) channel.emit("failed", [id, status]);
      return;
    }
    await pause(failures, transfer);
  }
}
function put(transfer, [url, method, headers]) {
  const { _file: file, _channel: channel, _id: id } = transfer;
  return new Promise((over) => {
    const request = new XMLHttpRequest();
    let told = 0;
    transfer._attempt = new AbortController();
    transfer._attempt.signal.onabort = () => request.abort();
    request.open(method, url);
    for (const [name, value] of headers) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded }) => {
      if (Date.now() - told > PROGRESS) channel.emit("sent", [id, loaded, false]);
      told = Math.max(told, Date.now());
    };
    request.onloadend = () => over(request.status);
    request.send(file);
  });
}

// src/uploads/index.ts
var BATCH = 100;
var AT_ONCE = 3;
var PREVIEWS = 500;
function install(page) {
  if (!page._root) return;
  const instance = Object.getPrototypeOf(Object.getPrototypeOf(page._root));
  const { _applyEffect: applyEffect } = instance;
  const opened = /* @__PURE__ */ new WeakMap();
  const transfers = /* @__PURE__ */ new Map();
  const files = /* @__PURE__ */ new Map();
  let last = 0;
  instance._applyEffect = function(op, arg) {
    const [name] = op == -9 /* Channel */ ? arg : [];
    if (name?.startsWith(UPLOAD_CHANNEL)) open(this._host._channels, name);
    applyEffect.call(this, op, arg);
  };
  listenToChoices(choose);
  addEventListener("lanai:patched", () => drawPreviews(files));
  addEventListener("lanai:connection", (event) => event.detail == "open" && wake(transfers.values()));
  addEventListener("online", () => wake(transfers.values()));
  addEventListener("lanai:navigated", () => {
    const own = opened.get(page._channels);
    for (const [id, { _channel: channel }] of transfers) if (own?.get(channel.name) == channel) forget(id);
    for (const id of files.keys()) if (!transfers.has(id)) files.delete(id);
  });
  function open(channels, name) {
    const own = opened.get(channels) ?? /* @__PURE__ */ new Map();
    opened.set(channels, own);
    const known = own.get(name);
    const channel = channels._openChannel(name, own);
    if (known == channel) return channel;
    channel.on("open", () => {
      const again = [...transfers].filter(([, transfer]) => transfer._channel == channel);
      for (const [, transfer] of again) transfer._stop();
      tell(channel, again.map(([id, { _file: file, _path: path }]) => [id, file, path]));
      for (const input of document.querySelectorAll(`input[${UPLOAD}]`)) {
        if (UPLOAD_CHANNEL + input.getAttribute(UPLOAD) == name) take(input, choose);
      }
    });
    channel.on("start", (started) => {
      for (const [id, to] of started) {
        const transfer = transfers.get(id);
        if (transfer) transfer._to = to;
        else channel.emit("failed", [id, null]);
      }
      sendNext();
    });
    channel.on("forget", (ids) => ids.forEach(forget));
    return channel;
  }
  function choose(element, chosen) {
    const channels = page._children._channelsAt(element) ?? page._channels;
    const channel = open(channels, UPLOAD_CHANNEL + element.getAttribute(UPLOAD));
    tell(channel, chosen.map(([file, path]) => {
      const id = ++last;
      transfers.set(id, new Transfer(id, file, path, channel));
      files.set(id, file);
      if (files.size > PREVIEWS) files.delete(files.keys().next().value);
      return [id, file, path];
    }));
  }
  function tell(channel, chosen) {
    const described = chosen.map(([id, { name, type, size, lastModified }, path]) => [id, name, type, size, lastModified, path]);
    for (let at = 0; at < described.length; at += BATCH) channel.emit("chosen", described.slice(at, at + BATCH));
  }
  function forget(id) {
    transfers.get(id)?._stop();
    transfers.delete(id);
    sendNext();
  }
  function sendNext() {
    const all = [...transfers.values()];
    let free = AT_ONCE - all.filter(({ _isSending: is }) => is).length;
    for (const transfer of all) {
      if (free > 0 && transfer._to && !transfer._isSending) {
        free--;
        send(transfer, page._script).then(sendNext);
      }
    }
  }
}
export {
  install as default
};
