// src/protocol.ts
var OF_PART = "~";
var OF_WINDOW = OF_PART + "window:";
var OF_SHORTCUT = OF_PART + "shortcut:";
var UNSAVED = "[data-lanai-unsaved]";
var PREFETCH = "[data-lanai-prefetch]";
var WITH_HISTORY = `form,input,textarea,${UNSAVED},meta[name=view-transition],${PREFETCH}`;

// src/dom.ts
var { prototype: node } = Node;
var { prototype: element } = Element;
function getter(prototype, name) {
  return Function.prototype.call.bind(Object.getOwnPropertyDescriptor(prototype, name).get);
}
function method(prototype, name) {
  return Function.prototype.call.bind(prototype[name]);
}
var nodeType = /* @__PURE__ */ getter(node, "nodeType");
var parentNode = /* @__PURE__ */ getter(node, "parentNode");
var isConnected = /* @__PURE__ */ getter(node, "isConnected");
var localName = /* @__PURE__ */ getter(element, "localName");
var closest = /* @__PURE__ */ method(element, "closest");
var select = /* @__PURE__ */ method(element, "querySelectorAll");
function fieldsOf(form) {
  return getter(HTMLFormElement.prototype, "elements")(form);
}
function pathOf(target) {
  const path = [];
  for (let node2 = target; node2; node2 = parentNode(node2)) path.push(node2);
  return path;
}
function isElement(node2) {
  return node2 != globalThis && nodeType(node2) == 1;
}
function isForm(element2) {
  return localName(element2) == "form";
}

// src/synthetic.ts
function synthetic(type, target, more) {
  return { type, target, preventDefault() {
  }, stopPropagation() {
  }, ...more };
}

// src/elements/patch-events.ts
var expected = /* @__PURE__ */ new WeakMap();
function expectEvent(element2, type) {
  expected.set(element2, (expected.get(element2) ?? /* @__PURE__ */ new Set()).add(type));
}
function wasCaused({ type, target }) {
  return !!expected.get(target)?.delete(type);
}

// src/elements/invalid.ts
var MARK = "data-lanai-invalid";
function markInvalid(element2, reason = "") {
  const control = element2;
  if (!reason && !element2.hasAttribute(MARK)) return;
  element2.toggleAttribute(MARK, !!reason);
  if (reason) element2.setAttribute("aria-invalid", "true");
  else element2.removeAttribute("aria-invalid");
  control.setCustomValidity?.(reason.trim());
  if (reason.trim()) control.reportValidity?.();
}

// src/elements/controls.ts
var lastEdits = /* @__PURE__ */ new WeakMap();
var CONTROLS = "input,textarea,select";
function isControl(node2) {
  return !!node2 && /^(INPUT|TEXTAREA|SELECT)$/.test(node2.tagName);
}
function controlsIn(node2) {
  return [...select(node2, CONTROLS)];
}
function controlsOf(form) {
  return form ? [...fieldsOf(form)].filter(isControl) : [];
}
function isCheckable({ type }) {
  return /box|radio/.test(type);
}
function isChanged(control) {
  const { options, multiple, size } = control;
  if (isCheckable(control)) return control.checked != control.defaultChecked;
  if (!options) return control.value != pristine(control).value;
  const all = [...options];
  if (multiple) return all.some((option) => option.selected != option.defaultSelected);
  const byDefault = all.findLast((option) => option.defaultSelected) ?? all.find((option) => !(size > 1) && !option.disabled);
  return all.find((option) => option.selected) != byDefault;
}
function pristine(control) {
  const fresh = document.createElement(control.localName);
  for (const { name, value } of control.attributes) if (name != "value") fresh.setAttribute(name, value);
  fresh.defaultValue = control.defaultValue;
  return fresh;
}
var Controls = class {
  /** The clock that orders edits and events. */
  _editClock = 0;
  _edits = /* @__PURE__ */ new Map();
  /** The controls to synchronize once that is allowed: which aspects, and for which instance. */
  _due = /* @__PURE__ */ new Map();
  /** The radio buttons that were checked before their groups got other names. */
  _checked = /* @__PURE__ */ new Set();
  /** The values that the server writes regardless of edits. */
  _forcedWrites = /* @__PURE__ */ new Map();
  /** The forms with edits that have replaced others, which may contain more rows. */
  _replaced = /* @__PURE__ */ new Map();
  /** Called when a live part is on the page. Treats what was typed before, or what the browser restored, as edits. */
  _adopt(holder) {
    for (const control of controlsIn(holder)) if (isChanged(control) && !this._edits.has(control)) this._edited(control);
  }
  /**
   * Copies what `from` shows to `to`, if a person has edited it. `isSame` says that both belong to the same instance,
   * so the server may already know of the edit.
   */
  _carryOver(from, to, isSame) {
    if (!isControl(from) || !isControl(to)) return;
    const edit = lastEdits.get(from);
    if (edit || isChanged(from)) {
      copy(from, to);
      if (!isSame && from.form && to.form) this._replaced.set(to.form, from.form);
    }
    if (isSame && edit?._carrier && edit._carrierEvent > edit._carrier._acknowledged) {
      lastEdits.set(to, edit);
      this._edits.set(to, edit);
    }
  }
  /** Called when the person has edited a control. */
  _edited(control) {
    for (const one of group(control)) {
      const edit = { _madeAt: ++this._editClock };
      lastEdits.set(one, edit);
      this._edits.set(one, edit);
    }
    markInvalid(control);
  }
  /** Called when an event carries the edit of a control. `isAnswer`: it is an event of the control itself. */
  _carriedBy(control, carrier, event, isAnswer) {
    for (const one of group(control)) {
      const edit = this._edits.get(one);
      if (edit) Object.assign(edit, { _carrier: carrier, _carrierEvent: event, _isAnswer: edit._isAnswer || isAnswer });
    }
  }
  /** Called when the server could not read the event. The control keeps what was typed, and is marked as invalid. */
  _markRefused(control, carrier, event) {
    for (const [one, edit] of this._edits) {
      if (edit._carrier == carrier && edit._carrierEvent == event) this._edits.set(one, { _madeAt: edit._madeAt });
    }
    if (control) markInvalid(control, " ");
  }
  /** The edited controls that no event has reported. */
  get _unreported() {
    return [...this._edits].filter(([control, edit]) => !edit._carrier && isConnected(control)).map(([control]) => control);
  }
  /** Whether a control was edited after `time`. */
  _editedSince(control, time) {
    return this._edits.get(control)?._madeAt > time;
  }
  /** Called when the browser resets a form. Treats the controls that this changes as edited. */
  async _wasReset(form) {
    const before = controlsOf(form).map((control) => [control, shown(control)]);
    await new Promise((after) => setTimeout(after));
    for (const [control, was] of before) if (shown(control) != was) this._edited(control);
  }
  /**
   * Called before a radio button changes its group. Two checked buttons may share a group for a moment; both stay
   * checked.
   */
  _willRename(radio, name) {
    for (const other of controlsIn(document.documentElement)) {
      if (other.type == "radio" && other.checked && [radio.name, name].includes(other.name)) this._checked.add(other);
    }
  }
  /** Called when the server has written the attribute of a control or an option. */
  _wroteAttribute(element2, by) {
    const control = element2.closest(CONTROLS);
    if (control) this._schedule(control, by, element2);
  }
  _schedule(control, by, { lanaiAspects } = control) {
    this._due.set(control, [this._due.get(control)?.[0] | lanaiAspects, by]);
  }
  /** Resets the controls of a form that were not edited after an event. */
  _resetForm(form, time, by) {
    for (const control of controlsOf(form)) {
      if (!this._editedSince(control, time)) {
        this._edits.delete(control);
        lastEdits.delete(control);
        this._due.set(control, [7 /* Reset */, by]);
      }
    }
  }
  /** Writes a value, or whether the control is checked, regardless of edits. */
  _forceWrite(control, value) {
    this._forcedWrites.set(control, value);
  }
  /**
   * Called when the server has acknowledged the events of `instance` up to `event`. Synchronizes the controls that may
   * be. `time` is that of the event that is answered now, 0 if none is, and infinite while an answer is still to come.
   */
  _settle(instance, event, time) {
    for (const [control, edit] of this._edits) {
      const isSeen = edit._carrier == instance && edit._carrierEvent <= event;
      if (isSeen || !control.isConnected) {
        this._edits.delete(control);
        if (edit._isAnswer && control.isConnected) this._schedule(control, instance);
      }
    }
    for (const radio of this._checked) radio.checked = true;
    this._checked.clear();
    for (const [control, due] of [...this._due]) {
      const edit = this._edits.get(control);
      if (control == this._composing || edit && (time == Infinity || due[1] != instance)) continue;
      this._due.delete(control);
      if (!edit || edit._madeAt <= time) {
        this._edits.delete(control);
        if (!restore(control, due[0])) this._due.set(control, due);
      }
    }
    for (const [control, value] of this._forcedWrites) {
      if (control == this._composing) continue;
      this._forcedWrites.delete(control);
      this._edits.delete(control);
      if (typeof value == "string") control.value = value;
      else control.checked = !!value;
      markInvalid(control);
    }
  }
};
function restore(control, aspects) {
  const isReset = aspects == 7 /* Reset */;
  for (const option of control.options ?? []) {
    if ((isReset || option.lanaiAspects) && option.selected != option.defaultSelected) {
      option.selected = option.defaultSelected;
    }
  }
  if (control.options) return true;
  if (aspects & 2 /* Checked */) control.checked = control.defaultChecked;
  const { value, defaultValue, selectionStart, validity } = control;
  if (!(aspects & 1 /* Value */) || isCheckable(control)) return true;
  if (isReset && validity?.badInput) {
    const { type } = control;
    control.type = "text";
    control.type = type;
  }
  if (isChanged(control)) {
    if (!isReset && control == document.activeElement && isEquivalent(control)) return false;
    control.value = defaultValue;
    if (selectionStart != null && selectionStart < value.length && value != control.value) control.setSelectionRange(selectionStart, selectionStart);
  }
  if (isReset || !validity?.badInput) markInvalid(control);
  return true;
}
function isEquivalent(control) {
  const server = pristine(control);
  const [a, b] = [server.value.trim(), control.value.trim()];
  return a == b || server.valueAsNumber == control.valueAsNumber || !!a && !!b && +a == +b;
}
function group(control) {
  const { form, name, type } = control;
  return type == "radio" ? controlsIn(document.documentElement).filter((other) => other.type == type && other.name == name && other.form == form) : [control];
}
function shown({ options, checked, value }) {
  return [checked, value, ...[...options ?? []].map(({ selected }) => selected)].join();
}
function copy(from, to) {
  if (from.type == "file") to.files = from.files;
  else if (from.options) {
    const chosen = [...from.options].filter(({ selected }) => selected).map(({ value }) => value);
    for (const option of to.options) option.selected = chosen.includes(option.value);
  } else {
    to.checked = from.checked;
    to.value = from.value;
  }
}

// src/elements/edits.ts
function listenToEdits(page, controls) {
  const settle = () => {
    const root = page._root;
    if (root) controls._settle(root, root._acknowledged, 0);
  };
  let clicked;
  const edit = ({ target }) => {
    if (isControl(target) && target != clicked) controls._edited(target);
  };
  addEventListener("input", edit, true);
  addEventListener(
    "click",
    (event) => {
      const { target } = event;
      if (!isControl(target) || !isCheckable(target)) return;
      edit(event);
      clicked = target;
      setTimeout(() => clicked = void 0);
    },
    true
  );
  addEventListener("reset", ({ target }) => controls._wasReset(target).then(() => page._catchUp([])), true);
  addEventListener("focusout", () => setTimeout(settle));
  const compose = (target) => {
    controls._composing = target;
    settle();
  };
  addEventListener("compositionstart", ({ target }) => compose(target));
  addEventListener("compositionend", () => setTimeout(compose));
}

// src/elements/openable.ts
var modals = /* @__PURE__ */ new Map();
var autofocusTarget;
function isOpenable({ localName: localName2 }) {
  return localName2 == "dialog" || localName2 == "details";
}
function setOpen(element2, open) {
  if (element2.open == open) return;
  expectEvent(element2, "toggle");
  const { name } = element2;
  if (open && name) {
    for (const other of document.querySelectorAll("details")) if (other.open && other.name == name) expectEvent(other, "toggle");
  }
  if (element2.localName != "dialog" || open) element2.open = open;
  else {
    expectEvent(element2, "close");
    element2.close();
  }
}
function prepareClone(template, root) {
  if (!(template._hasStateful ??= /<(details|input)|autofocus/.test(`${template._html}`))) return;
  const selector = "details[open],[autofocus],input[type=range]";
  const inside = root.querySelectorAll(selector);
  for (const element2 of root instanceof Element && root.matches(selector) ? [root, ...inside] : inside) {
    if (element2.autofocus) autofocusTarget = element2;
    if (element2.localName == "details") expectEvent(element2, "toggle");
    else if (element2.hasAttribute("value")) element2.value = element2.defaultValue;
  }
}
function settlePage() {
  for (const dialog of document.getElementsByTagName("dialog")) {
    if (dialog.open && dialog.getAttribute("aria-modal") == "true" && !modals.has(dialog)) {
      modals.set(dialog, document.activeElement);
      dialog.open = false;
      dialog.showModal();
    }
  }
  for (const [dialog, before] of modals) {
    if (dialog.open && dialog.isConnected) continue;
    modals.delete(dialog);
    if (!dialog.isConnected && document.activeElement == document.body && before) before.focus();
  }
  autofocusTarget?.focus();
  autofocusTarget = void 0;
}

// src/elements/payload.ts
function read(payload, owner, event) {
  const { target } = event;
  const fromForm = formOf(owner) ?? formOf(target);
  const fromControl = [target, owner].find(isControl);
  const control = fromControl ?? owner;
  let carried = [];
  let data;
  if (payload == "f" /* Fields */ || payload == "g" /* State */) {
    const { _before: before } = event;
    if (!before) carried = controlsOf(fromForm);
    data = fromForm ? fields(before ?? fromForm, event, payload == "g" /* State */) : "";
  } else {
    if (fromControl && /^[vc]$|rget\.(value|checked)/.test(payload)) carried = [fromControl];
    const { options, multiple } = control;
    if (payload == "v" /* Value */) {
      data = options && multiple ? [...options].filter((o) => o.selected && !o.disabled).map((o) => o.value) : `${control.value ?? ""}`;
    } else if (payload == "c" /* Checked */) data = !!control.checked;
  }
  return { _form: fromForm, _control: fromControl, _carried: carried, _json: data == null ? void 0 : JSON.stringify(data) };
}
function formOf(element2) {
  if (!isElement(element2)) return null;
  return isForm(element2) ? element2 : element2.form ?? closest(element2, "form");
}
function fields(form, event, isState) {
  const data = [...new FormData(form, event.submitter)].filter(([, value]) => typeof value == "string");
  const names = new Set(data.map(([name]) => name));
  for (const control of isState ? controlsOf(form) : []) {
    const { name, validity } = control;
    const isUnreadable = validity?.badInput;
    if (name && !control.matches(":disabled") && (isUnreadable || !names.has(name))) {
      names.add(name);
      data.push([name, isUnreadable ? "�" : ""]);
    }
  }
  return `${new URLSearchParams(data)}`;
}

// src/elements/index.ts
var StatefulElements = class extends Controls {
  _read = read;
  _prepareClone = prepareClone;
  _wasCaused = wasCaused;
  _settle(instance, event, time) {
    super._settle(instance, event, time);
    settlePage();
  }
  _tryWrite(element2, name, value) {
    if (name == "muted") {
      const media = element2;
      if (media.muted == !value) expectEvent(media, "volumechange");
      media.muted = !!value;
    }
    if (name == "name" && element2.type == "radio") this._willRename(element2, `${value}`);
    const isOpen = name == "open" && isOpenable(element2);
    if (isOpen) setOpen(element2, !!value);
    return isOpen;
  }
  _applyEffect(instance, op, arg) {
    const { _queue: queue } = instance;
    if (op == -13 /* Write */) {
      const [selector, value] = arg;
      const control = instance._findElement(selector);
      if (isControl(control)) this._forceWrite(control, value);
    } else {
      const [happenedAt, reading] = queue._origins[arg] ?? [];
      if (op == -3 /* Reset */) this._resetForm(reading?._form, happenedAt, instance);
      else this._markRefused(reading?._control, instance, arg);
    }
  }
  _wasEditedSince({ _carried: carried }, time) {
    return carried.some((control) => this._editedSince(control, time));
  }
  _posted({ _control: fromControl, _carried: carried }, type, owner, instance, event) {
    const told = fromControl && isCheckable(fromControl) && /^(click|input|change)$/.test(type) ? [...carried, fromControl] : carried;
    for (const control of told) {
      const isAnswer = control == fromControl && (!isForm(owner) || isCheckable(control) || !!control.options);
      this._carriedBy(control, instance, event, isAnswer);
    }
  }
  _refuseTooLarge({ _control: fromControl, _carried: carried }, owner) {
    const [largest] = (fromControl ? [fromControl] : carried).sort((a, b) => b.value.length - a.value.length);
    markInvalid(largest ?? owner, "This is too long to be sent.");
  }
  _reportEdits(dispatch) {
    for (const [form, _before] of this._replaced) dispatch(synthetic("lanai:recover", form, { _before }), pathOf(form));
    this._replaced.clear();
    for (const control of this._unreported) {
      if (control.type == "radio" && !control.checked) continue;
      const path = pathOf(control);
      for (const type of ["input", "change"]) {
        dispatch(synthetic(type, control), path);
      }
    }
  }
  _isReported(target) {
    return isControl(target) && isCheckable(target);
  }
};
function install(page) {
  if (!page._elements) listenToEdits(page, page._elements = new StatefulElements());
  if (page._shownUrl) page._loadPart("history" /* History */);
}
export {
  StatefulElements,
  install as default
};
