// Makes a part of the page what the server says, and leaves alone what somebody is typing into.

const typed = (el) => el.matches("textarea, select") || (el.matches("input") && !["radio", "checkbox", "hidden"].includes(el.type));

/**
 * Change `old` into `fresh` in place. `held(element)` says that a control must keep what stands in it; what it should
 * hold instead is kept in its property `later`.
 */
export function morph(old, fresh, held) {
  attributes(old, fresh);
  if (old.matches("input, textarea, select")) return control(old, fresh, held);
  children(old, fresh, held);
}

/** Return the element that some HTML describes. */
export function element(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html.trim();
  return holder.content.firstElementChild;
}

/** Let a control take what it was told while it was held. */
export function settle(el) {
  if (el.later === undefined) return;
  const { value, checked } = el.later;
  delete el.later;
  if (value !== undefined) el.value = value;
  if (checked !== undefined) el.checked = checked;
  el.dispatchEvent(new CustomEvent("settled", { bubbles: true }));
}

function attributes(old, fresh) {
  for (const { name } of [...old.attributes])
    if (!fresh.hasAttribute(name) && !(name === "open" || name === "data-ours" || name === "tabindex" || (name === "hidden" && old.matches("select"))))
      old.removeAttribute(name);
  for (const { name, value } of fresh.attributes)
    if (!(name === "open" && old.matches("details")) && old.getAttribute(name) !== value) {
      if (name === "class" && old.classList.contains("lit")) old.className = `${value} lit`;
      else old.setAttribute(name, value);
    }
}

function control(old, fresh, held) {
  if (old.matches("select")) {
    const wanted = fresh.value;
    if (old.innerHTML !== fresh.innerHTML && old !== document.activeElement) {
      const now = old.value;
      old.innerHTML = fresh.innerHTML;
      if (held(old)) old.value = now;
    }
    return put(old, { value: wanted }, held);
  }
  if (goesWithButton(old, fresh)) return;
  if (typed(old)) return put(old, { value: fresh.matches("textarea") ? fresh.defaultValue : fresh.getAttribute("value") ?? "" }, held);
  if (old.type !== "hidden") put(old, { checked: fresh.hasAttribute("checked") }, held);
}

/** Say whether this is a reason that is sent when its button is pressed: the server has none to put in its place. */
const goesWithButton = (old, fresh) => /^[rk]:/.test(old.name) && !fresh.hasAttribute("value");

function put(old, wanted, held) {
  const [name] = Object.keys(wanted);
  if (old[name] === wanted[name]) return void delete old.later;
  old.later = wanted;
  if (!held(old)) settle(old);
}

function children(old, fresh, held) {
  const kept = (node) => node.nodeType === 1 && node.hasAttribute("data-ours");
  const ids = new Set([...fresh.children].map((one) => one.id).filter(Boolean));
  for (const node of [...old.childNodes])
    if (node.id && !ids.has(node.id) && !kept(node)) node.remove();
  let at = old.firstChild;
  for (const next of [...fresh.childNodes]) {
    while (at && kept(at)) at = at.nextSibling;
    const mine = next.id && at?.id !== next.id ? [...old.children].find((one) => one.id === next.id) : undefined;
    if (mine) {
      while (at && at !== mine) {
        const gone = at;
        at = at.nextSibling;
        if (!kept(gone)) gone.remove();
      }
    }
    if (at && same(at, next)) {
      if (next.nodeType === 1) morph(at, next, held);
      else if (at.data !== next.data) at.data = next.data;
      at = at.nextSibling;
    } else old.insertBefore(next, at);
  }
  while (at) {
    const gone = at;
    at = at.nextSibling;
    if (!kept(gone)) gone.remove();
  }
}

function same(one, other) {
  if (one.nodeType !== other.nodeType || one.nodeName !== other.nodeName) return false;
  if (one.nodeType !== 1) return true;
  return one.id === other.id && one.getAttribute("name") === other.getAttribute("name") && (one.type ?? "") === (other.type ?? "") && (!one.matches("button, input[type=radio], input[type=checkbox]") || one.value === other.value);
}
