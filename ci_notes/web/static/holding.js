// Keys pressed while the page waits for the server's answer: held, and then typed where the focus goes.

const TYPED = "textarea, input:not([type=radio], [type=checkbox])";
const WATCHED = ["keydown", "paste", "pointerdown"];
let held = null;
let cut = null; // ends the wait that is on, for the next one

/**
 * Hold what is typed until `ready` settles, `most` milliseconds at the longest. Then `go(keys)` moves the focus on, and
 * returns false where there is nowhere to go; `step(from, by)` is what Tab does among the keys held. Whoever went
 * elsewhere meanwhile stays there, and what they wait for there takes the place of this.
 */
export async function hold(ready, go, step, most) {
  cut?.();
  const from = document.activeElement;
  const keys = (held = []);
  let left = false;
  const listen = (event) => {
    if (event.type === "pointerdown") left = true;
    else if (event.type === "paste") paste(event, from);
    else left ||= press(event, from);
  };
  for (const one of WATCHED) document.addEventListener(one, listen, true);
  const end = () => {
    for (const one of WATCHED) document.removeEventListener(one, listen, true);
    if (held === keys) held = cut = null;
  };
  let over = false;
  cut = () => {
    const there = document.activeElement;
    over = true;
    end();
    if (keys.length && go(keys) !== false) replay(keys, step);
    there.focus();
  };
  await Promise.race([ready, new Promise((done) => setTimeout(done, most))]);
  if (over) return;
  end();
  const there = document.activeElement;
  if ((left && !keys.length) || go(keys) === false) return;
  replay(keys, step);
  if (left) there.focus();
}

/** Hold a key; return whether it leads away. */
function press(event, from) {
  const combined = (event.ctrlKey || event.metaKey || event.altKey) && !event.getModifierState("AltGraph");
  if (!event.isTrusted || event.isComposing || combined || document.activeElement !== from) return false;
  if (event.key.length > 1 && !["Backspace", "Enter", "Tab"].includes(event.key)) return false;
  if (event.key === "Tab" && !held.length) return true;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!event.repeat || event.key.length === 1) held.push(event.key);
  return false;
}

function paste(event, from) {
  if (document.activeElement !== from) return;
  event.preventDefault();
  held.push(event.clipboardData.getData("text").replace(/\s+/g, " "));
}

function replay(keys, step) {
  while (keys.length) {
    if (held) return void held.push(...keys); // a key of these began another wait
    const key = keys.shift();
    const at = document.activeElement;
    if (key === "Tab") step(at, 1);
    else if (at.matches(TYPED) && key !== "Enter") write(at, key);
    else if ((key === "Enter" && at.matches("button, summary")) || (key === " " && at.matches("button, summary, input"))) at.click();
    else at.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  }
}

function write(control, key) {
  const [start, end] = [control.selectionStart, control.selectionEnd];
  if (key === "Backspace") control.setRangeText("", start === end ? Math.max(0, start - 1) : start, end, "end");
  else control.setRangeText(key, start, end, "end");
  control.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertText" }));
}
