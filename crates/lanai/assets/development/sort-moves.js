// src/dom.ts
var { prototype: node } = Node;
var { prototype: element } = Element;
function getter(prototype, name) {
  return Function.prototype.call.bind(Object.getOwnPropertyDescriptor(prototype, name).get);
}
function method(prototype, name) {
  return Function.prototype.call.bind(prototype[name]);
}
var parentNode = /* @__PURE__ */ getter(node, "parentNode");
var isConnected = /* @__PURE__ */ getter(node, "isConnected");
var contains = /* @__PURE__ */ method(node, "contains");
var removeAttribute = /* @__PURE__ */ method(element, "removeAttribute");

// src/protocol.ts
var OF_PART = "~";
var OF_WINDOW = OF_PART + "window:";
var OF_SHORTCUT = OF_PART + "shortcut:";
var UNSAVED = "[data-lanai-unsaved]";
var PREFETCH = "[data-lanai-prefetch]";
var WITH_HISTORY = `form,input,textarea,${UNSAVED},meta[name=view-transition],${PREFETCH}`;

// src/events/drag.ts
var START = "~dragstart";
var DROP = "~drop";
function kindOf({ _spec: { _options: { g: kind } } }) {
  return kind?.split(" ")[0];
}

// src/sort/handlers.ts
var SORT = "~sort";
function accepts({ _instance: instance, _spec: { _options: { g: kind }, _payload: payload } }, source) {
  return payload != null && instance == source._instance && (!kind || kind == kindOf(source));
}
function listsFor(page, source, row) {
  return page._events._ownersOf(SORT).filter(
    (list) => !row?.contains(list) && page._handlersOf(list).some((handler) => handler._spec._type == SORT && accepts(handler, source))
  );
}
function sourcesIn(page, list) {
  const handlers = page._events._ownersOf(START).filter((owner) => contains(list, owner)).flatMap((owner) => page._handlersOf(owner));
  return new Map(handlers.filter((handler) => kindOf(handler) && listOf(page, handler) == list).map((handler) => [rowOf(list, handler), handler]));
}
function listOf(page, source) {
  const around = listsFor(page, source).filter((list) => list != source._owner && contains(list, source._owner));
  return around.find((list) => !around.some((other) => other != list && contains(list, other)));
}
function rowOf(list, { _owner: owner }) {
  let row = owner;
  while (parentNode(row) != list) row = parentNode(row);
  return row;
}

// src/motion.ts
function prefersStill() {
  return matchMedia("(prefers-reduced-motion)").matches;
}

// src/sort/layout.ts
function createLayout(boxes2, start, isInline, gap) {
  const [first = [...start, 0, 0], second] = boxes2;
  const follows = (at) => boxes2.every((box, index) => !index || box[at] > boxes2[index - 1][at] + boxes2[index - 1][at + 2] / 2);
  const axis = second ? follows(1 /* Y */) ? 1 /* Y */ : follows(0 /* X */) ? 0 /* X */ : 2 /* Both */ : isInline ? 0 /* X */ : 1 /* Y */;
  const step = second ? second[0] - first[0] : 0;
  if (second && axis < 2 /* Both */) gap = second[axis] - first[axis] - first[axis + 2];
  return { _place: place, _distance: distance2, _growth: (sizes) => axis == 1 /* Y */ ? endOf(sizes) - endOf(boxes2) : 0 };
  function place(sizes) {
    let at = [first[0], first[1]];
    return [...sizes, void 0].map((size, index) => {
      if (axis == 2 /* Both */) return slot(index);
      const here = at;
      if (size) at = axis ? [here[0], here[1] + size[3] + gap] : [here[0] + size[2] + gap, here[1]];
      return here;
    });
  }
  function slot(index) {
    const box = boxes2[index];
    if (box) return [box[0], box[1]];
    const last = boxes2[boxes2.length - 1];
    const isInLine = boxes2.some(([x]) => Math.abs(x - last[0] - step) < 1);
    return isInLine ? [last[0] + step, last[1]] : [first[0], last[1] + last[3] + gap];
  }
  function distance2(from, to) {
    const by = [to[0] - from[0], to[1] - from[1]];
    return axis == 2 /* Both */ ? Math.hypot(...by) : Math.abs(by[axis]);
  }
  function endOf(sizes) {
    const end = place(sizes)[sizes.length][1];
    return sizes[0] ? end - gap : end;
  }
}

// src/sort/lists.ts
var moves = [];
var lists = /* @__PURE__ */ new Map();
var boxes = /* @__PURE__ */ new Map();
var shown = /* @__PURE__ */ new Map();
var seen = /* @__PURE__ */ new Map();
var animations = [];
function measure(page, source) {
  reset();
  let gap = 0;
  for (const element2 of listsFor(page, source)) {
    const sources = sourcesIn(page, element2);
    const rows = [...element2.children].filter((row) => sources.has(row) && row.getClientRects()[0]);
    const [x, y] = originOf(element2);
    const own = rows.map((row) => {
      const { left, top, width, height } = row.getBoundingClientRect();
      return [left - x, top - y, width, height];
    });
    rows.forEach((row, index) => boxes.set(row, own[index]));
    const { display, flexDirection, paddingLeft, paddingTop, paddingBottom, rowGap } = getComputedStyle(element2);
    const isInline = /flex$/.test(display) && /^row/.test(flexDirection);
    gap = parseFloat(rowGap) || gap;
    const layout = createLayout(own, [parseFloat(paddingLeft), parseFloat(paddingTop)], isInline, gap);
    if (own[1]) gap = Math.max(0, own[1][1] - own[0][1] - own[0][3]);
    lists.set(element2, { _element: element2, _rows: rows, _layout: layout, _padding: parseFloat(paddingBottom), _growth: 0 });
  }
}
function reset() {
  for (const animation of animations.splice(0)) animation.cancel();
  for (const map of [shown, lists, boxes]) map.clear();
}
function orderOf(list, without) {
  const order = [...lists.get(list)?._rows ?? []];
  for (const move of moves) {
    const at = order.indexOf(move._row);
    if (at >= 0) order.splice(at, 1);
    if (move._list != list || move == without) continue;
    const before = order.indexOf(move._before);
    order.splice(before < 0 ? Math.min(move._index, order.length) : before, 0, move._row);
  }
  return order;
}
function placesFor(list, move) {
  const { _layout: layout } = lists.get(list);
  const [x, y] = originOf(list);
  return layout._place(orderOf(list, move).map(boxOf)).map(([left, top]) => [x + left, y + top]);
}
function distance(list, from, to) {
  return lists.get(list)._layout._distance(from, to);
}
function put(move, list, index) {
  move._list = list;
  move._before = orderOf(list, move)[index];
  move._index = index;
}
function show(isSudden) {
  const duration = isSudden || prefersStill() ? 0 : 180 /* Slide */;
  for (const list of lists.values()) {
    const growth = Math.max(0, list._layout._growth(orderOf(list._element).map(boxOf)));
    if (growth != list._growth) animate(list._element, { paddingBottom: `${list._padding + growth}px` }, 0);
    list._growth = growth;
  }
  const origins = new Map([...lists.keys()].map((list) => [list, originOf(list)]));
  for (const { _element: list, _layout: layout } of lists.values()) {
    const [x, y] = origins.get(list);
    const order = orderOf(list);
    const places = layout._place(order.map(boxOf));
    order.forEach((row, index) => {
      const place = [x + places[index][0], y + places[index][1]];
      const [ownX, ownY] = origins.get(row.parentElement);
      const [left, top] = boxOf(row);
      const natural = [ownX + left, ownY + top];
      const move = moves.find(({ _row: moved }) => moved == row);
      if (move && (move._isByKeys || move._isDropped)) carry(move, place, duration);
      const before = shown.get(row);
      const from = before ?? minus(seen.get(row) ?? natural, natural);
      const to = minus(place, natural);
      seen.set(row, place);
      if (isNear(from, to) && (before || isNear(to, [0, 0]))) return;
      shown.set(row, to);
      animate(row, { translate: before ? css(to) : [css(from), css(to)] }, duration);
    });
  }
}
function forget() {
  reset();
  for (const [row, place] of seen) {
    const { left, top } = row.getBoundingClientRect();
    const from = minus(place, [left, top]);
    if (isConnected(row) && !isNear(from, [0, 0]) && !prefersStill()) animate(row, { translate: [css(from), "0px"] }, 180 /* Slide */, "none");
  }
  seen.clear();
}
function carry(move, to, duration = 0) {
  if (isNear(move._at, to)) return;
  move._at = to;
  move._copy.animate({ translate: css(to) }, { duration, easing: "ease", fill: "forwards" });
}
async function land(move) {
  const { _copy: copy, _row: row } = move;
  if (isConnected(row)) {
    const { left, top } = row.getBoundingClientRect();
    carry(move, [left, top], prefersStill() ? 0 : 180 /* Slide */);
  }
  await Promise.allSettled(copy.getAnimations().map(({ finished }) => finished));
  copy.closest(".lanai-sorting").remove();
  if (!moves.some(({ _row: moved }) => moved == row)) removeAttribute(row, "data-lanai-dragging");
}
function animate(element2, frames, duration, fill = "forwards") {
  animations = animations.filter(({ replaceState }) => replaceState != "removed");
  animations.push(element2.animate(frames, { duration, easing: "ease", fill }));
}
function originOf(list) {
  const { left, top } = list.getBoundingClientRect();
  return [left - list.scrollLeft, top - list.scrollTop];
}
function boxOf(row) {
  return boxes.get(row);
}
function minus([x, y], [left, top]) {
  return [x - left, y - top];
}
function isNear(a, b) {
  return Math.hypot(...minus(a, b)) < 0.5;
}
function css([x, y]) {
  return `${x}px ${y}px`;
}

// src/sort/moves.ts
function install(page) {
  let move;
  let [list, before] = [void 0, void 0];
  let grab = [0, 0];
  page._sort = {
    _move: () => move,
    _start: start,
    _carry: ([x, y]) => carry(move, [x - grab[0], y - grab[1]]),
    _closest(list2) {
      const distances = placesFor(list2, move).map((place) => distance(list2, place, move._at));
      return distances.indexOf(Math.min(...distances));
    },
    _drop: drop,
    _cancel: cancel,
    _pressed: (key) => page._sortKeys._pressed(key, move),
    _places: places,
    _step: step
  };
  addEventListener("lanai:patched", () => settle());
  addEventListener("lanai:connection", () => setTimeout(settle, 1e3 /* AckDelay */));
  addEventListener("resize", () => settle());
  addEventListener("scroll", () => moves[0] && show(true), { capture: true, passive: true });
  addEventListener("focusout", ({ relatedTarget }) => {
    if (move?._isByKeys && relatedTarget && relatedTarget != move._source._owner) cancel();
  });
  function start(source, copyRow, pointer) {
    list = listOf(page, source);
    if (!list) return;
    settle(source);
    const row = rowOf(list, source);
    const { left, top } = row.getBoundingClientRect();
    const index = orderOf(list).indexOf(row);
    move = { _source: source, _row: row, _list: list, _before: void 0, _index: index, _copy: copyRow(row), _at: [left, top], _isByKeys: !pointer };
    moves.push(move);
    put(move, list, index);
    before = move._before;
    if (pointer) grab = [pointer[0] - left, pointer[1] - top];
    source._owner.dispatchEvent(new DragEvent("dragstart"));
    tell("lifted");
  }
  function step(to, index) {
    const order = orderOf(to, move);
    if (move._list == to && move._before == order[index]) return;
    put(move, to, index);
    if (move._isByKeys) (order[index] ?? order[index - 1] ?? to).scrollIntoView({ block: "nearest", inline: "nearest", behavior: "instant" });
    show();
    tell("moved");
  }
  function places() {
    const all = listsFor(page, move._source, move._row).flatMap(
      (list2) => placesFor(list2, move).map((point, index) => ({ _list: list2, _index: index, _point: point }))
    );
    return [all, all.find(({ _list: list2, _index: index }) => list2 == move._list && orderOf(list2, move)[index] == move._before)];
  }
  function drop(on, values) {
    const { _source: { _owner: owner, _instance: instance }, _list: to, _before: next, _index: index } = move;
    const dragged = page._handlersOf(owner).find(({ _spec: { _type: type } }) => type == START)?._number;
    const target = on ?? to;
    owner.dispatchEvent(new DragEvent("dragend", { bubbles: true }));
    if ((on || to != list || next != before) && dragged != null && isConnected(target)) {
      const event = new CustomEvent("sort");
      event.lanai = { dragged, before: (next && sourcesIn(page, to).get(next)?._number) ?? null, index, ...values };
      const { _queue: queue } = instance;
      const last = queue._lastEvent;
      target.dispatchEvent(event);
      page._events._deliver(event, [target], on ? DROP : SORT);
      if (!on) move._sent = queue._sent.find((sent) => sent._number > last && sent._owner == target);
    }
    end("dropped");
  }
  function cancel() {
    const { _source: { _owner: owner } } = move;
    owner.dispatchEvent(new DragEvent("dragend", { bubbles: true }));
    const order = orderOf(list, move);
    const index = order.indexOf(before);
    put(move, list, index < 0 ? order.length : index);
    end("canceled");
  }
  function end(state) {
    tell(state);
    move._isDropped = true;
    move = void 0;
    settle();
  }
  function tell(state) {
    const { _row: row, _list: list2 } = move;
    const order = orderOf(list2);
    page._sortKeys?._say(state, row, list2, order.indexOf(row) + 1, order.length);
  }
  function settle(source) {
    if (move && !isConnected(move._row)) return cancel();
    for (const one of [...moves]) {
      const { _source: { _instance: instance }, _row: row, _sent: sent, _list: to } = one;
      const isPending = sent && instance._queue._sent.includes(sent) && !instance._host._hasEnded;
      if (one == move || isPending && isConnected(row) && isConnected(to)) continue;
      moves.splice(moves.indexOf(one), 1);
      land(one);
      if (one._isByKeys) page._sortKeys._refocus(one);
    }
    const first = moves[0]?._source ?? source;
    if (!first) return forget();
    measure(page, first);
    if (moves[0]) show();
  }
}
export {
  install as default
};
