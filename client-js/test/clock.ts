/**
 * A clock that tests advance. (That of `node:test` in Node 20 loses timers when a test clears one that has run.)
 */

interface Timer {
  at: number;
  action: () => void;
}

let now = 0;
let timers = new Set<Timer>();

/** Installs this clock as the global one, without timers. */
export function installClock(): void {
  timers = new Set();
  Object.assign(globalThis, {
    setTimeout(action: () => void, delay = 0) {
      const timer = { at: now + delay, action };
      timers.add(timer);
      return timer;
    },
    clearTimeout(timer: Timer) {
      timers.delete(timer);
    },
  });
  Date.now = () => now;
}

/** Advances the time and runs the timers that are due, in order. */
export function tick(milliseconds = 0): void {
  const end = now + milliseconds;
  for (;;) {
    const due = [...timers].filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
    if (!due) break;
    timers.delete(due);
    now = Math.max(now, due.at);
    due.action();
  }
  now = end;
}
