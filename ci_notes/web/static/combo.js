// A longer list of options, searched by typing; the select it stands for stays in the page and holds the answer.

let count = 0;

/** Put a search field before each select of a form that has none yet. */
export function combos(root) {
  for (const select of root.querySelectorAll(".search select[name^='v:']")) if (!select.hidden) enhance(select);
}

/** Show in the search field what its select holds now. */
export function refresh(select) {
  const input = select?.parentElement.querySelector(".combo input");
  if (input && input !== document.activeElement && !input.dataset.typed) input.value = title(select);
}

/** The names by which an answer is looked for: its own, then what people say as well. */
const names = (option) => [option.text, ...(option.dataset.also?.split(", ") ?? [])].map((one) => one.toLowerCase());

const title = (select) => select.selectedOptions[0]?.text ?? "";

function enhance(select) {
  const id = `combo-${++count}`;
  const box = document.createElement("div");
  box.className = "combo";
  box.dataset.ours = "";
  const input = Object.assign(document.createElement("input"), { type: "text", autocomplete: "off", id: `${id}-i`, value: title(select) });
  const list = Object.assign(document.createElement("ul"), { id, hidden: true });
  list.setAttribute("role", "listbox");
  const label = select.closest(".f").querySelector("label");
  list.setAttribute("aria-label", label.firstChild.textContent.trim());
  for (const [name, value] of [["role", "combobox"], ["aria-expanded", "false"], ["aria-controls", id], ["aria-autocomplete", "list"]])
    input.setAttribute(name, value);
  for (const name of ["aria-describedby", "aria-required"]) if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
  box.append(input, list);
  select.before(box);
  select.hidden = true;
  input.setAttribute("aria-labelledby", (label.id ||= `${id}-l`));
  label.addEventListener("click", () => input.focus());
  behave(select, input, list);
}

function behave(select, input, list) {
  let at = -1;
  let found = 0; // how many have the words that are typed
  const shown = () => [...list.children];

  /** Offer every answer, those that have the words first; marked is only one that cannot be meant otherwise. */
  function open(words) {
    const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
    const every = [...select.options].filter((one) => one.value);
    const fits = (one) => wanted.every((word) => names(one).join("; ").includes(word));
    const fitting = every.filter(fits);
    const others = every.filter((one) => !fits(one));
    list.replaceChildren(...[...fitting, ...others].map((one, index) => item(one, index, index >= fitting.length)));
    list.hidden = false;
    list.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-expanded", "true");
    found = wanted.length ? fitting.length : 0;
    const exact = fitting.findIndex((one) => one.text.toLowerCase() === words.trim().toLowerCase());
    const begins = fitting.length === 1 && names(fitting[0]).some((one) => one.startsWith(words.trim().toLowerCase()));
    mark(!wanted.length ? fitting.findIndex((one) => one.value === select.value) : begins ? 0 : exact);
  }

  function item(option, index, other) {
    const one = Object.assign(document.createElement("li"), { id: `${list.id}-${index}`, textContent: option.text });
    one.setAttribute("role", "option");
    one.classList.toggle("other", other);
    one.dataset.value = option.value;
    return one;
  }

  function mark(index) {
    at = index;
    shown().forEach((one, each) => one.setAttribute("aria-selected", String(each === index)));
    const item = shown()[index];
    if (item) input.setAttribute("aria-activedescendant", item.id);
    else input.removeAttribute("aria-activedescendant");
    list.scrollTop = item ? item.offsetTop - list.clientHeight / 2 : 0;
  }

  function close() {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    at = -1;
  }

  function choose(value) {
    if (select.value !== value) {
      select.value = value;
      select.dispatchEvent(new Event("change", { bubbles: true }));
    }
    input.value = title(select);
    unsettled("");
    close();
  }

  /** Say that words stand here which are no answer yet. */
  function unsettled(words) {
    input.parentElement.querySelector(".m")?.remove();
    input.toggleAttribute("data-typed", words !== "");
    input.toggleAttribute("aria-invalid", words !== "");
    if (!words) return;
    input.dataset.typed = words;
    input.setAttribute("aria-invalid", "true");
    const told = Object.assign(document.createElement("p"), { className: "m", id: `${list.id}-m`, textContent: `«${words}» is not recorded: choose one of the list.` });
    input.parentElement.append(told);
  }

  input.addEventListener("input", (event) => {
    event.stopPropagation();
    open(input.value);
  });
  input.addEventListener("click", () => list.hidden && open(""));
  input.addEventListener("focus", () => input.select());
  input.addEventListener("change", (event) => event.stopPropagation());
  input.addEventListener("blur", () => {
    const words = input.value.trim();
    if (!words) choose("");
    else if (!list.hidden && at >= 0 && words !== title(select)) choose(shown()[at].dataset.value);
    else if (words !== title(select)) unsettled(words);
    else choose(select.value);
    close();
  });
  list.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    const item = event.target.closest("[role=option]");
    if (item) choose(item.dataset.value);
  });
  input.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (list.hidden) open("");
      const items = shown().length;
      if (items) mark((at + step + items) % items);
    } else if (event.key === "Enter" && !list.hidden && at >= 0) {
      choose(shown()[at].dataset.value);
    } else if (event.key === "Enter" && !event.shiftKey && input.value.trim() && input.value !== title(select)) {
      event.preventDefault(); // nothing is chosen yet: the only one with these words is marked, and taken by the next Enter
      if (list.hidden) open(input.value);
      if (found === 1) mark(0);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      input.value = title(select);
      unsettled("");
      close();
    }
  });
}
