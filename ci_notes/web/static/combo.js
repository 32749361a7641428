// A longer list of options, searched by typing; the select it stands for stays in the page and holds the answer.

let count = 0;

/** Put a search field before each select of a form that has none yet. */
export function combos(root) {
  for (const select of root.querySelectorAll(".search select[name^='v:']")) if (!select.hidden) enhance(select);
}

/** Show in the search field what its select holds now. */
export function refresh(select) {
  const input = select?.parentElement.querySelector(".combo input");
  if (input && input !== document.activeElement) input.value = title(select);
}

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
  const shown = () => [...list.children];

  function open(words) {
    const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
    const fitting = [...select.options].filter((one) => one.value && wanted.every((word) => one.text.toLowerCase().includes(word)));
    list.replaceChildren(
      ...fitting.map((one, index) => {
        const item = Object.assign(document.createElement("li"), { id: `${list.id}-${index}`, textContent: one.text });
        item.setAttribute("role", "option");
        item.dataset.value = one.value;
        return item;
      }),
    );
    list.hidden = !fitting.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    mark(words && fitting.length ? 0 : fitting.findIndex((one) => one.value === select.value));
  }

  function mark(index) {
    at = index;
    shown().forEach((one, each) => one.setAttribute("aria-selected", String(each === index)));
    const item = shown()[index];
    if (item) input.setAttribute("aria-activedescendant", item.id);
    else input.removeAttribute("aria-activedescendant");
    if (item) list.scrollTop = item.offsetTop - list.clientHeight / 2;
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
    close();
  }

  input.addEventListener("input", (event) => {
    event.stopPropagation();
    open(input.value);
  });
  input.addEventListener("click", () => list.hidden && open(""));
  input.addEventListener("focus", () => input.select());
  input.addEventListener("change", (event) => event.stopPropagation());
  input.addEventListener("blur", () => {
    if (!input.value.trim()) choose("");
    else if (!list.hidden && at >= 0 && input.value !== title(select)) choose(shown()[at].dataset.value);
    input.value = title(select);
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
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      input.value = title(select);
      close();
    }
  });
}
