// The form by keyboard alone: Enter goes on and never sends, letters and numbers answer, Alt+arrows go by section.

const CONTROLS = ".c input:not([data-filter]), .c select:not([hidden]), .c textarea";
// what answers a block in one act, and what adds to a group that may have rows
const ACTS = ".b > .all, .g:not([data-a]) > .rows:not(:has(.said)) > button[value^='add-row:']";

/** Return where Enter stops, in order: what a person fills (one for each group of buttons), and what fills a block or adds a row. */
export function controls(form) {
  const groups = new Set();
  return [...form.querySelectorAll(`${CONTROLS}, ${ACTS}`)].filter((one) => {
    if (one.closest("details:not([open])") || one.offsetParent === null) return false;
    if (one.type !== "radio" && one.type !== "checkbox") return true;
    if (one.type === "radio") {
      const chosen = one.closest(".c").querySelector("input:checked");
      if (chosen && chosen !== one) return false;
    }
    if (groups.has(one.name)) return false;
    return groups.add(one.name);
  });
}

/** Go to the control after (or before) where somebody stands; first to the question that their answer raised. */
export function step(form, from, by = 1, { ask = true } = {}) {
  const own = from.closest(".f");
  const question = by > 0 && ask && own?.querySelector(":scope > .m.doubt :is(input, button)");
  if (question && from.matches(".c *")) return void question.focus();
  if (by > 0 && from.matches(".m input")) return void from.parentElement.querySelector("button")?.focus();
  const all = controls(form);
  const inside = all.filter((one) => one === from || own?.contains(one));
  const after = all.findIndex((one) => from.compareDocumentPosition(one) & 4);
  const next = inside.length ? all.indexOf(by > 0 ? inside.at(-1) : inside[0]) + by : after + Math.min(by, 0);
  all[next]?.focus();
}

/** Let the keyboard work on a form; `acts` are `clear(field)`, `point()` and `onward(control, by)`. */
export function keyboard(form, dialog, acts) {
  quieten(form);
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    if (event.ctrlKey || event.metaKey) return void (event.key.toLowerCase() === "s" && done(event, acts.point));
    if (event.altKey) return void alt(event, form);
    const target = event.target;
    if (event.key === "?" && !writes(target)) return done(event, () => dialog.showModal());
    if (!form.contains(target)) return;
    if (event.key === "Enter" && target.matches("input, select")) return done(event, () => acts.onward(target, event.shiftKey ? -1 : 1));
    if (target.matches("button.all, .rows > button")) {
      const by = { ArrowDown: 1, ArrowUp: -1 }[event.key] ?? (event.key === "Enter" && event.shiftKey ? -1 : 0);
      if (by) return done(event, () => step(form, target, by));
    }
    const help = event.key === "Escape" && target.closest(".f, .g")?.querySelector(":scope > .h[open]");
    if (help) return done(event, () => (help.open = false));
    if (event.key === "Escape" && target.matches(".a")) return done(event, () => target.closest(".f, .g").querySelector(".c input, .c textarea, .c select:not([hidden])")?.focus());
    if (target.matches(".c input[type=radio], .c input[type=checkbox]")) answer(event, target, acts);
  });
}

/** Take the help out of the order of Tab, as the menus are: Alt+/ and Alt+- reach them from the field. */
export function quieten(root) {
  for (const one of root.querySelectorAll(".f > .h > summary")) one.tabIndex = -1;
}

const writes = (el) => el.matches("textarea, select, input:not([type=radio], [type=checkbox])");

function done(event, act) {
  event.preventDefault();
  act();
}

function answer(event, target, acts) {
  const all = [...target.closest(".c").querySelectorAll("input[type=radio], input[type=checkbox]")];
  const yes = target.closest(".yes-no");
  const letter = yes && { y: "yes", n: "no" }[event.key.toLowerCase()];
  const wanted = letter ? all.find((one) => one.value === letter) : /^[1-9]$/.test(event.key) ? all[Number(event.key) - 1] : null;
  if (wanted)
    done(event, () => {
      wanted.focus();
      if (wanted.type === "checkbox" || !wanted.checked) wanted.click();
    });
  else if (event.key === "Backspace" || event.key === "Delete") done(event, () => acts.clear(target.closest(".f")));
}

function alt(event, form) {
  const field = event.target.closest?.(".f, .g");
  if (event.code === "Minus" && field)
    return done(event, () => {
      const menu = field.querySelector(":scope > .a");
      menu?.focus();
      try {
        menu?.showPicker();
      } catch {
        // the menu has the focus: the arrow keys open it
      }
    });
  if (event.code === "Slash" && field) return done(event, () => toggle(field.querySelector(":scope > .h")));
  if (event.code === "KeyO") return done(event, () => open(form, event.target));
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (by && !event.target.matches?.("select")) done(event, () => section(form, event.target, by));
}

function toggle(details) {
  if (details) details.open = !details.open;
}

function open(form, from) {
  const all = [...form.querySelectorAll(".f.open, .g.open")];
  const next = all.find((one) => from.compareDocumentPosition(one) & 4 && !one.contains(from)) ?? all[0];
  enter(next);
}

/** Go to where a field, a group or a row is answered; its menu of absences comes before that in the document. */
export function enter(place, how) {
  if (place) (controls(place)[0] ?? place.querySelector(".many > summary, button:not([disabled], [hidden])"))?.focus(how);
}

function section(form, from, by) {
  const all = [...form.querySelectorAll(".s")];
  const here = all.findIndex((one) => one.contains(from));
  const next = all[Math.min(all.length - 1, Math.max(0, here + by))];
  (controls(next)[0] ?? next.querySelector("h2"))?.focus();
  next.scrollIntoView({ block: "start" });
}
