// The queue of changes on their way to the server: one request at a time, nothing forgotten before it is confirmed.

const QUIET = 300; // milliseconds without typing after which a change goes off
const LONGEST = 1000; // no change waits longer, so that a crash of both machines loses less than two seconds
const SLOWEST = 15000; // between two attempts while the server is away

/**
 * Return a queue. `post(batch)` sends and returns a Response; `arrived(answer)`, `away(words)`, `locked()` and
 * `refused(message)` tell what came of it; `keep(held)` writes what is not confirmed to the store of the browser.
 */
export function queue({ tab, post, arrived, away, locked, refused, keep }) {
  let waiting = new Map();
  let batch = null;
  let sending = null;
  let first = 0;
  let timer = 0;
  let pause = 0;
  let stopped = false;
  const adopted = [];

  const unsent = () => waiting.size + adopted.length > 0 || batch !== null;
  const held = () => ({ tab, batch, waiting: [...waiting], adopted });

  function remember() {
    keep(unsent() ? held() : null);
  }

  function add(change, { now = false, key = change.place } = {}) {
    const before = waiting.get(key);
    waiting.delete(key);
    waiting.set(key, { ...change, seen: before?.seen ?? change.seen });
    first ||= Date.now();
    remember();
    soon(now ? 0 : Math.min(QUIET, Math.max(0, first + LONGEST - Date.now())));
  }

  function soon(wait) {
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(() => flush(), pause && wait < pause ? pause : wait);
  }

  function next(empty) {
    if (batch) return batch;
    if (adopted.length) return (batch = adopted.shift());
    if (!waiting.size && !empty) return null;
    const one = { batch: crypto.randomUUID(), tab, changes: [...waiting.values()], keys: [...waiting] };
    first = 0;
    return waiting.size ? (batch = one) : one;
  }

  /** Send what waits; `empty` asks for what is new even where nothing waits. Resolves when the queue is at rest. */
  function flush(empty = false) {
    if (stopped) return Promise.resolve();
    clearTimeout(timer);
    if (!sending) {
      sending = empties(empty);
      sending.finally(() => (sending = null));
    }
    return sending;
  }

  async function empties(empty) {
    for (let one = next(empty); one; one = next(false)) if (!(await sent(one))) return;
  }

  async function sent(one) {
    remember();
    let answer;
    try {
      answer = await post({ batch: one.batch, tab: one.tab, changes: one.changes });
      if (answer.status >= 500) throw new Error(String(answer.status));
    } catch {
      pause = Math.min(SLOWEST, pause ? pause * 2 : 1000);
      away("Not saved: the server does not answer.");
      soon(pause);
      return false;
    }
    pause = 0;
    if (answer.ok) return confirmed(one, await answer.json());
    stopped = true;
    if (answer.status === 401) locked();
    else refused(answer.status, (await answer.json().catch(() => ({}))).message ?? "");
    return false;
  }

  function confirmed(one, answer) {
    for (const [key, change] of one.keys ?? []) if (waiting.get(key) === change) waiting.delete(key);
    batch = null;
    remember();
    arrived(answer);
    return true;
  }

  return {
    add,
    flush,
    unsent,
    /** Whether something about a place is not confirmed yet. */
    waits: (place) => waiting.has(place),
    /** Take over what a tab that is gone left behind, under that tab's name. */
    adopt(left) {
      const late = new Map(left.waiting);
      if (left.batch) adopted.push({ ...left.batch, keys: [] });
      adopted.push(...(left.adopted ?? []));
      if (late.size) adopted.push({ batch: crypto.randomUUID(), tab: left.tab, changes: [...late.values()], keys: [] });
      remember();
    },
    stop(then) {
      if (stopped) return;
      stopped = true;
      then();
    },
    restart() {
      stopped = false;
      remember();
      return flush(true);
    },
    hurry() {
      pause = 0;
      return flush();
    },
  };
}
