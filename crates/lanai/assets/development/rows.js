// src/dom.ts
var { prototype: node } = Node;
var { prototype: element } = Element;
function method(prototype, name) {
  return Function.prototype.call.bind(prototype[name]);
}
var closest = /* @__PURE__ */ method(element, "closest");

// src/protocol.ts
var OF_PART = "~";
var OF_WINDOW = OF_PART + "window:";
var OF_SHORTCUT = OF_PART + "shortcut:";
var UNSAVED = "[data-lanai-unsaved]";
var PREFETCH = "[data-lanai-prefetch]";
var WITH_HISTORY = `form,input,textarea,${UNSAVED},meta[name=view-transition],${PREFETCH}`;
var ROWS_CHANNEL = "lanai-rows:";
var ROWS = "data-lanai-rows";
function readRows(element2) {
  const values = element2.getAttribute(ROWS).split(" ");
  return [values.slice(8).join(" "), ...values.slice(0, 8).map(Number)];
}

// src/scroller.ts
function scrollerOf(element2, axis) {
  for (let at = element2; at && at != document.body && at != document.scrollingElement; at = at.parentElement) {
    if (/auto|scroll/.test(getComputedStyle(at)[axis])) return at;
  }
  return null;
}

// src/rows/geometry.ts
var LONGEST = 4e6;
function lengthOf(count, height) {
  return Math.min(count * height, LONGEST);
}
function beyond(count, height, viewport) {
  return Math.max(0, count - viewport / height);
}
function placeAt(offset, count, height, viewport) {
  const range = lengthOf(count, height) - viewport;
  return range > 0 ? Math.min(1, Math.max(0, offset / range)) * beyond(count, height, viewport) : 0;
}
function offsetOf(place, count, height, viewport) {
  const rows = beyond(count, height, viewport);
  return rows > 0 ? Math.min(place, rows) / rows * Math.max(0, lengthOf(count, height) - viewport) : 0;
}
function wanted(place, start, end, count, height, viewport) {
  const rows = Math.ceil(viewport / height) + 1;
  const top = Math.max(0, Math.min(Math.floor(place), count - rows));
  const from = Math.max(0, top - rows);
  const to = Math.min(count, top + 2 * rows);
  const half = rows >> 1;
  if (start <= Math.max(0, top - half) && end >= Math.min(count, top + rows + half)) return;
  return [from, to];
}

// src/rows/list.ts
var STILL = 150;
var FOREVER = { timeout: 2 ** 31 };
function createList(element2, channel, place, onStill) {
  let [name, start, end, count, height, shift, jumpedTo, jumps, kept] = readRows(element2);
  let seen = 0;
  let measured = "";
  let [earlier, seenEarlier] = [height, 0];
  let anchor = place ?? [jumpedTo, 0];
  let anchored;
  let outside;
  let before = 0;
  let offset = 0;
  let focus = -1;
  let isAsking = false;
  let asked = "";
  let told = 0;
  let timer;
  let observed = [];
  const sizes = new ResizeObserver(() => layOut());
  const scroller = viewportOf(element2.parentElement);
  const isOfPage = scroller == document.scrollingElement;
  scroller.style.overflowAnchor = "none";
  if (!isOfPage) {
    if (getComputedStyle(scroller).position == "static") scroller.style.position = "relative";
    sizes.observe(scroller);
  }
  offset = view()[0] - rectOf(element2).top;
  if (!place && !jumps) see();
  layOut(place || jumps);
  ask();
  return {
    _name: name,
    _scroller: scroller,
    _place: () => anchor,
    _update() {
      follow();
      const by = -shift;
      const known = jumps;
      [, start, end, count, , shift, jumpedTo, jumps, kept] = readRows(element2);
      if (by + shift) {
        go(anchor[0] + by + shift, anchor[1]);
        if (focus >= 0) focus += by + shift;
      }
      const hasJumped = jumps != known;
      if (hasJumped) go(jumpedTo, 0);
      layOut(hasJumped);
      ask();
      rest();
    },
    _scrolled() {
      const before2 = offset;
      follow();
      if (offset == before2) return;
      see();
      ask();
      this._moved();
    },
    _moved() {
      clearTimeout(timer);
      timer = void 0;
      rest();
    },
    _pressed(key, target) {
      const [top, viewport] = view();
      const from = indexOf(target);
      if (from == null) {
        const to = { Home: 0, End: scroller.scrollHeight }[key];
        if (to != null) scroller.scrollTo({ top: to, behavior: "instant" });
        return to != null;
      }
      const page = Math.max(1, Math.floor(viewport / height) - 1);
      const step = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -count, End: count }[key];
      if (!step) return false;
      focus = Math.max(0, Math.min(count - 1, from + step));
      const row = rowsOf()[focus - start];
      const { top: rowTop, height: rowHeight } = row ? rectOf(row) : { top: step * Infinity, height };
      if (rowTop < top) go(focus, 0);
      else if (rowTop + rowHeight > top + viewport) go(focus, viewport - rowHeight);
      layOut();
      ask();
      rest();
      return true;
    },
    _close() {
      clearTimeout(timer);
      sizes.disconnect();
      channel.close();
    }
  };
  function go(row, top) {
    anchor = [row, top];
    anchored = void 0;
  }
  function follow() {
    const [top, viewport] = view();
    const { top: start2, bottom } = rectOf(element2);
    const moved = top - start2 - offset;
    offset += moved;
    const below = anchor[1] - moved;
    const rest2 = bottom - top - viewport;
    if (moved < 0 && rest2 < 1) return;
    if (Math.abs(moved) > Math.max(viewport * 1.5, lengthOf(count, height) / viewport / 2)) {
      const place2 = placeAt(offset, count, height, viewport);
      const row = Math.floor(place2);
      const typed = outside?.contains(document.activeElement) && rectOf(outside);
      if (typed && typed.bottom > top && typed.top < top + viewport) go(kept, typed.top - top);
      else if (offset < 0) go(0, -offset);
      else if (rest2 < 1) go(count, viewport + rest2);
      else go(row, (row - place2) * height);
    } else if (Math.abs(below) > viewport) {
      const rows = Math.max(-anchor[0], Math.min(count - anchor[0], Math.floor(-below / height)));
      go(anchor[0] + rows, below + rows * height);
    } else anchor[1] = below;
  }
  function rowsOf() {
    const rows = [...element2.children];
    const other = rows[end - start] && (kept < start ? rows.shift() : rows.pop());
    if (outside != other) setPosition(outside, "", "");
    setPosition(other, "absolute", `${offsetOf(kept, count, height, view()[1])}px`);
    outside = other;
    return rows;
  }
  function view() {
    const padding = parseFloat(getComputedStyle(scroller).scrollPaddingTop) || 0;
    const top = isOfPage ? 0 : rectOf(scroller).top + scroller.clientTop;
    return [top + padding, scroller.clientHeight - padding];
  }
  function ideal() {
    return offsetOf(anchor[0] - anchor[1] / height, count, height, view()[1]);
  }
  function rest() {
    timer ??= setTimeout(() => {
      timer = void 0;
      const isEmpty = !visible();
      if (isEmpty) asked = "";
      if (isEmpty || Math.abs(ideal() - offset) > 5 * view()[1]) layOut(true);
      ask(true);
      onStill();
    }, STILL);
  }
  function visible() {
    const [top, viewport] = view();
    const rows = rowsOf();
    const index = rows.findIndex((row) => rectOf(row).bottom > top + 1);
    const below = index < 0 ? viewport : rectOf(rows[index]).top - top;
    return below < viewport ? [start + index, rows[index], below] : void 0;
  }
  function see() {
    const [row, element3, top] = visible() ?? [];
    if (element3) go(row, top);
    anchored = element3;
    return !!element3;
  }
  function layOut(isFar) {
    const rows = rowsOf();
    const [top, viewport] = view();
    if (!viewport) return;
    follow();
    for (const row2 of observed) if (!rows.includes(row2)) sizes.unobserve(row2);
    for (const row2 of rows) if (!observed.includes(row2)) sizes.observe(row2);
    observed = rows;
    const first = rows[0] ? rectOf(rows[0]).top : 0;
    const last = rows[0] ? rectOf(rows[rows.length - 1]).bottom : 0;
    if (count && last <= first) return;
    if (count) {
      if (measured != `${[start, end]}`) [measured, earlier, seenEarlier] = [`${[start, end]}`, height, seen];
      seen = Math.min(1e3, seenEarlier + rows.length);
      height = earlier + ((last - first) / rows.length - earlier) * rows.length / seen;
    }
    const index = rows.indexOf(anchored);
    if (index >= 0 && (anchor[0] || anchor[1] < 0)) anchor[0] = start + index;
    const [at, below] = anchor;
    const row = rows[at - start];
    const isAtEnd = at >= count && end == count;
    const actual = row ? rectOf(row).top : isAtEnd ? last : first + (at - start) * height;
    const down = top + below - actual;
    let by = 0;
    if (row || isAtEnd) {
      if (start && (isFar || before + down < 0)) by = ideal() - (top - rectOf(element2).top);
      if (!start || before + down + by < 0) by = -before - down;
    }
    by = Math.round(by);
    before = start ? Math.max(0, before + down + by) : 0;
    const after = end < count ? Math.max(viewport, lengthOf(count, height) - before - (last - first)) : 0;
    element2.style.setProperty("--lanai-before", `${before}px`);
    element2.style.setProperty("--lanai-after", `${after}px`);
    if (by) scroller.scrollBy({ top: by, behavior: "instant" });
    offset = top - rectOf(element2).top;
    anchored = row;
    if (row && end == count && rectOf(row).top > top + below + 1) go(count, viewport);
    if (rows[focus - start]) {
      rows[focus - start].focus({ preventScroll: true });
      focus = -1;
    }
  }
  function ask(isStill) {
    const [, viewport] = view();
    if (isAsking || !count || !viewport) return;
    const top = visible()?.[0] ?? Math.min(anchor[0], count - 1);
    const rows = wanted(anchor[0] - anchor[1] / height, start, end, count, height, viewport) ?? (isStill && top != told && [start, end]);
    if (!rows) return;
    const request = [...rows, top, focused()];
    if (asked == `${[request, count]}`) return;
    asked = `${[request, count]}`;
    told = top;
    isAsking = true;
    channel.request("show", request, FOREVER).then(
      () => {
        isAsking = false;
        ask();
      },
      () => {
        isAsking = false;
        asked = "";
      }
    );
  }
  function focused() {
    let row = document.activeElement;
    while (row && row.parentElement != element2) row = row.parentElement;
    return row && indexOf(row);
  }
  function indexOf(row) {
    const index = rowsOf().indexOf(row);
    return index >= 0 ? start + index : row == outside ? kept : null;
  }
}
function viewportOf(element2) {
  return scrollerOf(element2, "overflowY") ?? document.scrollingElement;
}
function rectOf(element2) {
  return element2.getBoundingClientRect();
}
function setPosition(element2, position, top) {
  if (element2) Object.assign(element2.style, { position, top });
}

// src/rows/index.ts
var PLACES = "lanaiRows";
function install(page) {
  const lists = /* @__PURE__ */ new Map();
  let [url, path] = ["", ""];
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(
    `[${ROWS}]::before,[${ROWS}]::after{content:"";display:block;flex:none;height:var(--lanai-before,0)}[${ROWS}]::after{height:var(--lanai-after,0)}`
  );
  document.adoptedStyleSheets.push(sheet);
  const scrolled = () => lists.forEach((list) => list._scrolled());
  document.addEventListener("scroll", scrolled, { capture: true, passive: true });
  for (const type of ["wheel", "touchmove", "pointerdown"]) addEventListener(type, () => lists.forEach((list) => list._moved()), { passive: true });
  addEventListener("resize", () => lists.forEach((list) => list._update()));
  addEventListener("lanai:patched", () => {
    find();
    lists.forEach((list) => list._update());
  });
  addEventListener("lanai:navigate", save);
  addEventListener("pagehide", save);
  new MutationObserver(find).observe(document, { childList: true, subtree: true });
  addEventListener("keydown", (event) => {
    const target = event.target;
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    if (closest(target, "input,textarea,select,[contenteditable]")) return;
    for (const list of lists.values()) {
      if (list._scroller == viewportOf(target) && list._pressed(event.key, target)) return event.preventDefault();
    }
  });
  function find() {
    const before = { ...history.state?.[PLACES] };
    for (const [element2, list] of lists) {
      if (element2.isConnected) continue;
      lists.delete(element2);
      list._close();
      if (url == location.href) before[list._name] = list._place();
    }
    for (const element2 of document.querySelectorAll(`[${ROWS}]`)) {
      if (lists.has(element2)) continue;
      const [name] = readRows(element2);
      const channels = page._children._channelsAt(element2) ?? page._channels;
      lists.set(element2, createList(element2, channels._openChannel(ROWS_CHANNEL + name, /* @__PURE__ */ new Map()), before[name], save));
      ({ href: url, pathname: path } = location);
    }
  }
  function save() {
    if (path != location.pathname || !lists.size) return;
    const places = Object.fromEntries([...lists.values()].map((list) => [list._name, list._place()]));
    history.replaceState({ ...history.state, [PLACES]: places }, "");
  }
}
export {
  install as default
};
