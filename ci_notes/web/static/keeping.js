// What is not on the server yet, kept in this browser: encrypted under a key of the session, which lives in the page alone.

const PREFIX = "ci-notes:";
const text = new TextEncoder();
const base64 = (buffer) => btoa(Array.from(new Uint8Array(buffer), (one) => String.fromCharCode(one)).join(""));
const bytes = (written) => Uint8Array.from(atob(written.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));

/** Return the store of one tab on one draft, or null where this browser has none; `secret` is the session's key. */
export async function store(secret, draft, tab) {
  if (!secret || !globalThis.crypto?.subtle) return null;
  const digest = await crypto.subtle.digest("SHA-256", text.encode(secret));
  const key = await crypto.subtle.importKey("raw", digest, "AES-GCM", false, ["encrypt", "decrypt"]);
  const sign = base64(await crypto.subtle.digest("SHA-256", digest)).slice(0, 12);
  const name = `${PREFIX}${draft}:${tab}`;
  wipeOthers(sign);
  let writing = Promise.resolve(true);
  let latest = 0;

  async function write(held, number) {
    if (number !== latest) return true;
    try {
      if (!held) localStorage.removeItem(name);
      else localStorage.setItem(name, JSON.stringify({ sign, ...(await sealed(key, held)) }));
      return true;
    } catch {
      return false;
    }
  }

  return {
    /** Keep this, or nothing; resolves to whether it is kept. Later calls overtake earlier ones. */
    keep(held) {
      const number = ++latest;
      writing = writing.then(() => write(held, number));
      return writing;
    },
    /** Return what tabs that are gone left behind for this draft, and take it over. */
    async left() {
      const living = await lockedTabs();
      const found = [];
      for (const one of Object.keys(localStorage).filter((each) => each.startsWith(`${PREFIX}${draft}:`))) {
        if (one === name || living.has(one)) continue;
        const held = await opened(key, localStorage.getItem(one));
        if (held) found.push({ held, drop: () => localStorage.removeItem(one) });
        else localStorage.removeItem(one);
      }
      return found;
    },
    /** Say to other tabs that this one lives. */
    live() {
      navigator.locks?.request(name, () => new Promise(() => {}));
    },
  };
}

/** Forget all that any tab kept: at signing out. */
export function wipe() {
  for (const one of Object.keys(localStorage)) if (one.startsWith(PREFIX)) localStorage.removeItem(one);
}

function wipeOthers(sign) {
  for (const one of Object.keys(localStorage))
    if (one.startsWith(PREFIX) && parsed(localStorage.getItem(one))?.sign !== sign) localStorage.removeItem(one);
}

async function lockedTabs() {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  return new Set(held.map((one) => one.name));
}

async function sealed(key, held) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, text.encode(JSON.stringify(held)));
  return { iv: base64(iv), data: base64(data) };
}

async function opened(key, written) {
  const { iv, data } = parsed(written) ?? {};
  try {
    return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt({ name: "AES-GCM", iv: bytes(iv) }, key, bytes(data))));
  } catch {
    return null;
  }
}

function parsed(written) {
  try {
    return JSON.parse(written);
  } catch {
    return null;
  }
}
