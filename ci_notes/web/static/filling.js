// The form in a browser: every change goes to the server at once, and what comes back is put into the page.

import { combos, refresh } from "./combo.js";
import { hold } from "./holding.js";
import { controls, enter as reach, keyboard, quieten, step } from "./keys.js";
import { store, wipe } from "./keeping.js";
import { element, morph, settle } from "./morph.js";
import { queue } from "./sending.js";

const NONE = "[]";
const POLL = 4000;
const PATIENCE = 1000; // Enter goes on after this, whatever the server says
const LONGEST = 16000; // a new row is waited for until the server is given up
const byId = (id) => document.getElementById(id);
const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content ?? "";
const form = byId("draft");
const data = form.dataset;
const desk = byId("desk");
const saved = byId("saved");
const tab = crypto.randomUUID?.() ?? String(Math.random()).slice(2);
let revision = Number(data.revision);
let kept = null;
let safe = true; // what is not on the server is in the store
let left = false;

// --- what a control says --------------------------------------------------------------------------------------------

const place = (control) => control.name.slice(2);
const fieldOf = (el) => el.closest(".f, .g");
const wide = (control) => control.matches("textarea, input:not([type=radio], [type=checkbox])");

function changeOf(control) {
  const at = place(control);
  const prefix = control.name[0];
  if (prefix === "a") return absence(control, at);
  if (prefix === "r") return reason(control, at);
  if (prefix !== "v") return null;
  if (control.matches("select")) return chosen(at, control.value ? [control.value] : []);
  if (control.type === "radio") return chosen(at, control.checked ? [control.value] : []);
  if (control.type === "checkbox") return several(control, at);
  return { act: "put", place: at, text: control.value };
}

const chosen = (at, values) => (values.length ? { act: "choose", place: at, values } : { act: "clear", place: at });

function several(control, at) {
  const all = [...fieldOf(control).querySelectorAll(".c input[type=checkbox]")];
  if (control.checked) for (const one of all) if ((one.value === NONE) !== (control.value === NONE)) one.checked = false;
  return chosen(at, all.filter((one) => one.checked).map((one) => one.value));
}

function absence(select, at) {
  const code = select.value;
  return code && code !== "clear" ? { act: "absent", place: at, code } : { act: "clear", place: at };
}

function reason(input, at) {
  const code = fieldOf(input).dataset.a;
  return code ? { act: "absent", place: at, code, reason: input.value } : null; // that of a doubt goes with its button
}

/** The change that a button asks for: «act:place» or «act:place:side». */
function changeOfButton(button) {
  const [, act, rest] = button.value.match(/^([a-z-]+):(.*)$/s);
  const field = fieldOf(button);
  const why = field?.querySelector(":scope > .m input[name^='r:']")?.value ?? "";
  switch (act) {
    case "add-row":
      return { act, place: rest, row: crypto.randomUUID() };
    case "none":
      return { act: "choose", place: rest, values: [NONE] };
    case "carry":
    case "anew":
      return { act: "carry", place: rest, take: act === "carry" };
    case "confirm":
      return { act, place: rest, reason: why, text: field?.querySelector("[name^='v:']")?.value ?? "" };
    case "mine":
    case "theirs":
      return { act: "resolve", place: rest, side: act };
    case "keep":
    case "unkeep": {
      const cut = rest.indexOf(" ");
      const input = button.parentElement.querySelector("input");
      return { act, rule: rest.slice(0, cut), place: rest.slice(cut + 1), ...(act === "keep" ? { reason: input.value } : {}) };
    }
    case "save":
    case "review":
      return null;
    default:
      return { act, place: rest };
  }
}

const reasons = data.absences.split("|").map((one) => one.split("="));

/** Give each field its menu of why there is no value, and let it say what the field does. */
function menus() {
  for (const field of form.querySelectorAll(".f:not([data-valued]), .g:not([data-valued])")) {
    const menu = field.querySelector(":scope > .a") ?? menuOf(field);
    const now = field.dataset.a ?? "";
    if (line.waits(place(menu))) continue;
    menu.classList.toggle("on", now !== "");
    if (menu !== document.activeElement || menu.value === "clear") menu.value = now;
  }
}

function menuOf(field) {
  const menu = document.createElement("select");
  const name = field.querySelector(":scope > legend, :scope > label").firstChild.textContent.trim();
  menu.className = "a";
  menu.name = `a:${field.dataset.p ?? place(field.querySelector("[name^='v:']"))}`;
  menu.tabIndex = -1;
  menu.dataset.ours = "";
  menu.setAttribute("aria-label", `No value: ${name}`);
  menu.append(new Option("—", ""), ...reasons.map(([code, title]) => new Option(title, code)), new Option("clear", "clear"));
  field.querySelector(":scope > legend, :scope > label").after(menu);
  return menu;
}

// --- sending --------------------------------------------------------------------------------------------------------

const marks = (section) => [section.dataset.v, ...[...section.querySelectorAll("[data-v]")].map((one) => one.dataset.v)].join(" ");

/** What the page has, by short marks: the server answers with what differs. */
function have() {
  const sections = Object.fromEntries([...form.querySelectorAll(".s")].map((one) => [one.id, marks(one)]));
  const parts = Object.fromEntries(["head", "strip", "progress", "computed", "findings", "narrative"].map((one) => [one, byId(one).dataset.v]));
  return { sections, parts };
}

async function post(batch) {
  if (batch.changes.length && !saved.classList.contains("away")) saved.classList.add("waiting");
  return fetch(data.changes, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRF-Token": meta("csrf"), ...(batch.changes.length ? {} : { "X-Background": "1" }) },
    body: JSON.stringify({ ...batch, seen: revision, have: have() }),
    signal: AbortSignal.timeout(15000),
  });
}

const line = queue({ tab, post, arrived, away, locked, refused, keep });

function keep(held) {
  safe = !held;
  if (!held || !kept) return kept?.keep(held);
  kept.keep(held).then((done) => (safe = done));
}

function enter(change, { now = false } = {}) {
  if (!change) return;
  const typing = ["put", "choose", "absent", "clear"].includes(change.act);
  line.add({ ...change, seen: revision }, { now, ...(typing ? {} : { key: `${change.act} ${crypto.randomUUID()}` }) });
}

// --- what came back -------------------------------------------------------------------------------------------------

function arrived(answer) {
  const before = vantage();
  revision = answer.revision;
  form.elements.seen.value = revision;
  sections(answer.sections ?? []);
  for (const [id, html] of Object.entries({ ...answer.fields, ...answer.parts })) put(byId(id), html);
  menus();
  quieten(form);
  combos(form);
  filters();
  before();
  came();
  echo(document.activeElement);
  told(answer);
  if (!form.contains(document.activeElement)) return;
  light(fieldOf(document.activeElement));
  standing(document.activeElement);
}

function put(old, html) {
  if (!old) return;
  const fresh = element(html);
  if (old.contains(document.activeElement) && old.id === "findings" && document.activeElement.matches("input")) return; // a reason is being typed
  morph(old, fresh, isHeld);
  for (const select of old.querySelectorAll(".search select[name^='v:']")) refresh(select);
  if (old.matches(".search")) refresh(old.querySelector("select[name^='v:']"));
}

/** Say how an answer was understood while somebody still stands in its field: 3 Nov 2026 for 3/11/26. */
function echo(control) {
  if (!form.contains(control) || !control.matches(".c > input")) return;
  const box = control.parentElement;
  box.querySelector(".echo")?.remove();
  const understood = control.later?.value;
  if (!understood || understood === control.value.trim() || line.waits(place(control)) || fieldOf(control).matches(".bad")) return;
  const words = Object.assign(document.createElement("output"), { className: "echo", textContent: understood });
  words.dataset.ours = "";
  box.append(words);
}

function isHeld(control) {
  if (control.name && line.waits(place(control))) return true;
  return control === document.activeElement && (wide(control) || control.matches("select"));
}

/** Sections in the order of the server: a string is new HTML, null says that the one we have is right. */
function sections(order) {
  if (!order.length) return;
  const wanted = new Set(order.map(([id]) => id));
  for (const one of form.querySelectorAll(".s")) if (!wanted.has(one.id)) one.remove();
  let before = byId("sheet");
  for (const [id, html] of order) {
    let one = byId(id);
    if (one && html) put(one, html);
    else if (html) before.after((one = element(html)));
    if (!one) continue;
    if (one.previousElementSibling !== before && !one.contains(document.activeElement)) before.after(one);
    before = one;
  }
}

/** Remember where somebody stands; the function it returns goes to what comes next if that has gone. */
function vantage() {
  const at = document.activeElement;
  if (!form.contains(at)) return () => {};
  const row = at.closest(".row");
  const from = at.matches(".all") ? at.closest(".b") : at; // what answers a block goes on behind it
  const own = fieldOf(at)?.id;
  const next = controls(form).filter((one) => from.compareDocumentPosition(one) === 4).map(named);
  return () => {
    if (at.isConnected && at.offsetParent !== null) return;
    const left = row && !row.isConnected;
    const stops = controls(form);
    const all = new Map(stops.toReversed().map((one) => [named(one), one]));
    const goal = drawnAnew(at) || (!left && byId(own)?.matches(".f") && controls(byId(own))[0]) || next.map((one) => all.get(one)).find(Boolean) || stops.at(-1);
    goal?.focus({ preventScroll: true });
    goal?.scrollIntoView({ block: "nearest" });
  };
}

const drawnAnew = (at) => at.matches("button") && [...form.querySelectorAll("button")].find((one) => one.value === at.value && one.offsetParent !== null);
const named = (stop) => (stop.matches("button") ? stop.value : fieldOf(stop).id);

let findings = byId("findings").dataset.count;

function told(answer) {
  left = false;
  byId("stale").hidden = true;
  byId("since").textContent = answer.saved_at;
  desk.classList.remove("stale");
  saved.textContent = `Saved ${answer.saved_at}`;
  saved.className = "saved";
  if (!byId("away").hidden) say("The server answers again; everything is saved.");
  byId("away").hidden = true;
  for (const [id, who] of Object.entries(answer.theirs ?? {})) markTheirs(byId(id), who);
  const now = byId("findings").dataset.count;
  byId("count").textContent = now;
  if (now !== findings) say(`${now} ${now === "1" ? "finding" : "findings"}`);
  findings = now;
  const trouble = (answer.outcomes ?? []).filter((one) => one.kind === "refused" && one.message);
  if (trouble.length) banner(trouble.map((one) => one.message).join(" "));
}

function markTheirs(field, who) {
  if (!field) return;
  field.classList.add("theirs");
  const words = Object.assign(document.createElement("p"), { className: "who-changed", textContent: `changed by ${who}` });
  words.dataset.ours = "";
  field.append(words);
  setTimeout(() => {
    field.classList.remove("theirs");
    words.remove();
  }, 8000);
}

function say(words) {
  byId("told").textContent = words;
}

/** Say something over the whole page, beneath what stays at its top. */
function banner(words) {
  const [over, head] = [byId("away"), document.querySelector(".draft-head")];
  over.textContent = words;
  over.hidden = false;
  over.style.top = `${(getComputedStyle(head).position === "sticky" ? head : byId("switch")).offsetHeight}px`;
}

function away(words) {
  const where = kept && safe ? " What you type is kept in this browser and sent as soon as it does. Go on." : " Keep this page open until it does.";
  saved.textContent = kept && safe ? "Not saved: the server does not answer, kept in this browser" : words;
  saved.className = "saved away";
  banner(words + where);
  if (!left) say(words + where);
  left = true;
  byId("stale").hidden = false;
  desk.classList.add("stale");
}

/** Hide the page. With nothing unsent the lock page takes its place; else this one waits, since it alone can read what is kept. */
async function locked() {
  const { go = byId("unlock").href, error = "" } = await why();
  if (!line.unsent()) return void location.reload(); // asked for again, the page is where one comes back to
  byId("unlock").href = go;
  byId("locked-t").textContent = error === "signed out" ? "Signed out" : "Locked";
  byId("locked-words").textContent = `${error === "signed out" ? "This session has ended." : "You were away for a while, so this page is locked."} What was not sent yet is kept here, encrypted. Unlock in the tab that opens; then it is sent.`;
  shut(true);
  const dialog = byId("locked");
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  if (!dialog.open) dialog.showModal();
  const waiting = setInterval(async () => (await resumed()) && clearInterval(waiting), 2000);
}

/** Hide all of the page but what is said of the lock. */
function shut(closed) {
  for (const one of document.body.children) if (!one.matches("dialog, script")) one.hidden = closed;
}

/** Ask why nothing is taken any more, and where one goes. */
async function why() {
  const answer = await fetch(`${data.since}?revision=${revision}&tab=${tab}`, { headers: { "X-Background": "1" } }).catch(() => null);
  return answer?.status === 401 ? answer.json().catch(() => ({})) : {};
}

/** Go on if the same person is signed in again; nobody else's session sends what this one typed. */
async function resumed() {
  const answer = await fetch(location.pathname, { headers: { Accept: "text/html", "X-Background": "1" } }).catch(() => null);
  if (!answer?.ok || answer.redirected) return false;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (page.getElementById("draft")?.dataset.who !== data.who) return false;
  for (const name of ["csrf", "storage-key"]) {
    const [old, fresh] = [document, page].map((one) => one.querySelector(`meta[name="${name}"]`));
    old.content = fresh.content;
  }
  for (const one of document.querySelectorAll("input[name=csrf]")) one.value = meta("csrf");
  kept = await store(meta("storage-key"), data.draft, tab);
  kept?.live();
  byId("locked").close();
  shut(false);
  line.restart();
  return true;
}

function refused(status, message) {
  saved.textContent = "Not saved";
  saved.className = "saved away";
  const words = message || (status === 403 ? "Your session is another one now. Load the page again; nothing typed is lost." : "The server does not take this.");
  banner(words);
  say(words);
}

// --- typing ---------------------------------------------------------------------------------------------------------

let pausing = 0;

form.addEventListener("input", (event) => {
  const control = event.target;
  if (!control.name || !wide(control)) return;
  const field = fieldOf(control);
  if (control.closest(".c")) field?.classList.add("typing"); // not in a reason: it stands in the message that goes meanwhile
  clearTimeout(pausing);
  pausing = setTimeout(() => field?.classList.remove("typing"), 1500);
  enter(changeOf(control));
});

form.addEventListener("change", (event) => {
  const control = event.target;
  if (!control.name || control.dataset.filter !== undefined) return;
  if (wide(control)) return void line.flush();
  enter(changeOf(control), { now: true });
});

form.addEventListener("focusout", (event) => {
  const control = event.target;
  setTimeout(() => fieldOf(control)?.classList.remove("typing"), 250); // not under a pointer that is about to click
  fieldOf(control)?.querySelector(".echo")?.remove();
  if (control.name && !line.waits(place(control))) settle(control);
  light(null);
});

form.addEventListener("focusin", (event) => {
  const field = fieldOf(event.target);
  light(field);
  standing(event.target);
  for (const help of form.querySelectorAll(".h[open]")) if (help.parentElement !== field) help.open = false;
});

form.addEventListener("settled", (event) => event.target.matches(".search select[name^='v:']") && refresh(event.target));

// A second click on a chosen button takes the answer back; a double click does not.
let was = null;
form.addEventListener("pointerdown", (event) => (was = event.target.type === "radio" && event.target.checked ? event.target : null));
form.addEventListener("click", (event) => {
  const control = event.target;
  if (control.type !== "radio" || control !== was || event.detail > 1) return;
  clear(fieldOf(control));
});

function clear(field) {
  const controls = [...field.querySelectorAll(".c input")];
  for (const one of controls) one.checked = false;
  enter({ act: "clear", place: place(controls[0]) }, { now: true });
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[name=do]");
  if (!button) return;
  event.preventDefault();
  if (button.value === "review") return void review();
  if (button.value === "save") return void line.hurry();
  const change = changeOfButton(button);
  enter(change, { now: true });
  if (change && button.form === form && !["keep", "unkeep"].includes(change.act)) hold(line.flush(), (keys) => acted(change, button, keys), onStep, LONGEST);
});

/** The field in which somebody stood last: the way back from signing leads there. */
let stood = "";
form.addEventListener("focusin", (event) => (stood = event.target.closest("[id^=f-]")?.id.replace(/-c$/, "") ?? stood));

const onStep = (from, by) => step(form, from, by);
const fieldAt = (at) => fieldOf(form.querySelector(`[name="${CSS.escape(`v:${at}`)}"]`) ?? document.body) ?? [...form.querySelectorAll(".g")].find((one) => one.dataset.p === at);
const awaited = new Map(); // rows asked for while the server is away, and the buttons that asked

/** Go where an act leads: into the row that it added or the field that it opened, past the question that it answered. */
function acted(change, button, keys) {
  if (change.act === "add-row") return rowOf(change.row) ? reach(rowOf(change.row)) : later(change, button, keys);
  if (change.act === "suggest" && fieldAt(change.place)?.matches(".g")) return reach(fieldAt(change.place).querySelector(".row"));
  if (change.act === "open") return reach(fieldAt(change.place));
  if (change.act === "confirm" && fieldAt(change.place) && !fieldAt(change.place).matches(".bad")) onStep(fieldAt(change.place).querySelector(".c *") ?? button, 1);
}

const rowOf = (row) => form.querySelector(`[name*="[${row}]"]`)?.closest(".row");

/** Say at its button that a row is still to come. */
function later(change, button, keys) {
  if (!saved.matches(".away")) return false;
  const typed = keys.join("").trim();
  const words = `Appears when the server is back${typed ? `; “${typed}” is not taken` : ""}.`;
  const told = Object.assign(document.createElement("span"), { className: "n to-come", textContent: words });
  told.dataset.ours = "";
  button.parentElement.querySelector(".to-come")?.remove();
  button.parentElement.append(told);
  say(words);
  awaited.set(change.row, button);
  return false;
}

/** Take away what was said of rows that have come, and go into one where somebody still waits at its button. */
function came() {
  for (const [row, button] of awaited) {
    if (!rowOf(row)) continue;
    awaited.delete(row);
    button.parentElement.querySelector(".to-come")?.remove();
    if (document.activeElement === button && !awaited.size) reach(rowOf(row));
  }
}

/** Go on from a control once the server has said what its answer opens or asks; what is typed meanwhile goes along. */
function onward(control, by) {
  if (by < 0 || !line.unsent() || saved.matches(".away")) return step(form, control, by);
  hold(line.flush(), (keys) => control.isConnected && void step(form, control, by, { ask: !keys.length }), onStep, PATIENCE);
}

async function review() {
  const unsettled = form.querySelector(".combo input[data-typed]");
  if (unsettled) {
    unsigned(`«${unsettled.dataset.typed}» is not recorded: choose one of the list, or empty the field. Then the note can be checked and signed.`);
    return void reach(fieldOf(unsettled));
  }
  await line.hurry();
  if (line.unsent()) return void unsigned("Not everything is saved yet: the note can be checked and signed as soon as the server answers.");
  location.href = stood ? `${data.review}?at=${stood}` : data.review;
}

function unsigned(words) {
  banner(words);
  say(words);
}

async function point() {
  const menu = document.querySelector(".point");
  const body = new FormData(menu.querySelector("form"));
  body.set("act", "mark");
  await line.hurry();
  const answer = await fetch(data.points, { method: "POST", body, headers: { "X-CSRF-Token": meta("csrf") } }).catch(() => null);
  if (!answer?.ok) return void banner("No save point: the server does not answer.");
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const list = page.querySelector(".point > div");
  if (list) morph(menu.querySelector("div"), list, () => false);
  saved.textContent = `Save point, ${saved.textContent.replace("Saved ", "")}`;
  say("Save point kept.");
  return true;
}

document.querySelector(".point > div > form").addEventListener("submit", (event) => {
  event.preventDefault();
  const name = event.target.elements.name;
  point().then((done) => done && (name.value = ""));
});

document.addEventListener("submit", (event) => event.submitter?.value === "back" && kept?.keep(null)); // what goes back sends nothing more

document.querySelector(".who")?.addEventListener("submit", (event) => {
  if (line.unsent() && !confirm("Some of what you typed is not on the server yet. Signing out throws it away. Sign out?")) return event.preventDefault();
  wipe();
  safe = true;
});

// --- between the form and what stands beside it -----------------------------------------------------------------

const fieldsOf = (link) => [link.hash.slice(1), ...(link.dataset.at ?? "").split(" ")].filter(Boolean);

function light(field) {
  let first = null;
  for (const link of document.querySelectorAll(".told a")) {
    const lit = field !== null && fieldsOf(link).includes(field.id);
    link.classList.toggle("lit", lit);
    if (lit) first ??= link;
  }
  const pane = document.querySelector(".beside");
  if (!first || pane.scrollHeight <= pane.clientHeight) return;
  const [box, at] = [pane.getBoundingClientRect(), first.getBoundingClientRect()];
  if (at.top < box.top || at.bottom > box.bottom) pane.scrollTop += at.top - box.top - box.height / 3;
}

document.querySelector(".beside").addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='#']");
  if (!link) return;
  event.preventDefault();
  show("form");
  const fields = fieldsOf(link).map(byId).filter(Boolean);
  for (const one of fields) one.classList.add("lit");
  setTimeout(() => fields.forEach((one) => one.classList.remove("lit")), 3000);
  fields[0]?.scrollIntoView({ block: "center" });
  reach(fields[0], { preventScroll: true });
});

function show(view) {
  desk.dataset.view = view;
  for (const one of byId("switch").children) {
    if (one.dataset.view === view) one.setAttribute("aria-current", "true");
    else one.removeAttribute("aria-current");
  }
}

byId("switch").addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link) return;
  event.preventDefault();
  show(link.dataset.view);
  byId("switch").scrollIntoView({ block: "start" });
});

byId("progress").addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link) return;
  event.preventDefault();
  show("form");
  const head = byId(link.hash.slice(1))?.querySelector("h2");
  head?.scrollIntoView({ block: "start" });
  head?.focus({ preventScroll: true });
});

function current(section) {
  for (const link of byId("progress").querySelectorAll("a"))
    if (link.hash === `#${section.id}`) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
}

const standing = (control) => control.closest(".s") && current(control.closest(".s"));

/** The section in which somebody stands is the current one; where nobody does, the one that is read. */
const seen = new IntersectionObserver(
  (entries) => {
    const own = document.activeElement.closest(".s");
    const box = own?.getBoundingClientRect();
    if (own && box.bottom > 0 && box.top < innerHeight) return current(own);
    for (const one of entries) if (one.isIntersecting) current(one.target);
  },
  { rootMargin: "-20% 0px -70% 0px" },
);

/** A list of many boxes gets a field that narrows it. */
function filters() {
  for (const box of form.querySelectorAll(".many > div:not(:has([data-filter]))")) {
    const input = Object.assign(document.createElement("input"), { type: "search", placeholder: "search", autocomplete: "off" });
    input.dataset.filter = input.dataset.ours = "";
    input.setAttribute("aria-label", `Search: ${box.closest(".f").querySelector("legend").firstChild.textContent.trim()}`);
    input.addEventListener("input", () => {
      const wanted = input.value.toLowerCase();
      for (const label of box.querySelectorAll("label")) label.hidden = !`${label.textContent} ${label.dataset.also ?? ""}`.toLowerCase().includes(wanted) && !label.querySelector(":checked");
    });
    box.prepend(input);
  }
}

// --- others, and coming back ----------------------------------------------------------------------------------------

async function look() {
  if (document.hidden || line.unsent()) return;
  try {
    const answer = await fetch(`${data.since}?revision=${revision}&tab=${tab}`, { headers: { "X-Background": "1" } });
    if (answer.status === 401) return line.stop(locked);
    if (!answer.ok) return;
    const news = await answer.json();
    byId("others").textContent = news.others ?? "";
    if (news.revision !== revision && !line.unsent()) line.flush(true);
  } catch {
    // the next change tells that the server is away
  }
}

/** Put into the controls what an earlier page left unsent, then send it. */
async function recover() {
  kept = await store(meta("storage-key"), data.draft, tab);
  if (!kept) return;
  kept.live();
  for (const { held, drop } of await kept.left()) {
    line.adopt(held);
    drop();
  }
  if (!line.unsent()) return;
  say("What was typed and not saved before is being saved now.");
  line.flush();
}

window.addEventListener("pagehide", () => {
  fetch(`${data.since}?tab=${tab}`, { method: "POST", keepalive: true, headers: { "X-CSRF-Token": meta("csrf"), "X-Background": "1" } }).catch(() => {});
});
window.addEventListener("pageshow", (event) => event.persisted && line.flush(true));
window.addEventListener("online", () => line.hurry());
document.addEventListener("visibilitychange", () => (document.hidden ? line.flush() : look()));
window.addEventListener("beforeunload", (event) => {
  if ((line.unsent() && !(kept && safe)) || form.querySelector(".combo input[data-typed]")) event.preventDefault();
});

/** Stand in the field that the address names, or in the first that nobody has answered; a finger opens no keyboard by itself. */
function begin() {
  if (location.hash) return reach(byId(decodeURIComponent(location.hash.slice(1))));
  if (!matchMedia("(pointer: fine)").matches) return;
  const answered = (one) => (one.matches("[type=radio], [type=checkbox]") ? fieldOf(one).querySelector(".c :checked") : one.value) || fieldOf(one).dataset.a;
  const open = controls(form).find((one) => one.matches("input, select, textarea") && !answered(one));
  const offer = form.querySelector('.offer button[value^="carry:"]'); // what an earlier note hands on comes first
  const after = open && offer && open.compareDocumentPosition(offer) & 4;
  (offer && !after ? offer : open)?.focus();
}

desk.classList.add("scripted");
byId("save").hidden = true;
show("form");
document.querySelector(".ways details").open = matchMedia("(min-width: 62.01rem)").matches;
menus();
combos(form);
filters();
keyboard(form, byId("keys"), { clear, point, onward });
for (const one of form.querySelectorAll(".s")) seen.observe(one);
const landed = location.hash && byId(location.hash.slice(1));
if (landed && form.contains(landed)) {
  landed.scrollIntoView({ block: "center" });
  reach(landed, { preventScroll: true });
}
recover();
if (document.activeElement === document.body) begin();
look();
setInterval(look, POLL);
