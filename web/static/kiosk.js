// The kiosk: a keypad for fingers, the reader's field at hand, and nothing left behind by who walks away.

const IDLE = 30_000;
const byId = id => document.getElementById(id);
let target = "tokenNumber", idle = 0;

function prepare() {
  const keypad = byId("keypad");
  if (!keypad) { byId("link")?.focus(); return; }
  keypad.hidden = false;
  for (const name of ["tokenNumber", "phoneDigits"]) byId(name).inputMode = "none"; // the keypad is there
  point(byId("phoneDigits").matches("[aria-invalid]") ? "phoneDigits" : "tokenNumber");
  byId("link").focus();
}

function point(name) {
  target = name;
  for (const each of ["tokenNumber", "phoneDigits"]) byId(each).classList.toggle("pointed", each === name);
}

document.addEventListener("focusin", event => {
  if (["tokenNumber", "phoneDigits"].includes(event.target.id)) point(event.target.id);
});

// A key of the screen leaves the focus where it is: a reader may type at any moment.
document.addEventListener("pointerdown", event => {
  if (event.target.closest("[data-digit]")) event.preventDefault();
});
document.addEventListener("click", event => {
  const key = event.target.closest("[data-digit]");
  const field = byId(target);
  if (!key || !field) return;
  const digit = key.dataset.digit;
  field.value = digit ? (field.value + digit).slice(0, field.maxLength) : field.value.slice(0, -1);
});

// What has a letter in it comes from the reader, wherever the focus is.
document.addEventListener("keydown", event => {
  const link = byId("link");
  if (!link || event.target === link || event.key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey) return;
  if (/^[0-9tT ]$/.test(event.key)) return;
  event.preventDefault();
  link.focus();
  link.value += event.key;
});

// Who leaves in the middle leaves nothing to read.
function busy() {
  clearTimeout(idle);
  idle = setTimeout(() => {
    for (const form of document.querySelectorAll("main form")) form.reset();
    for (const id of ["tokenNumber", "phoneDigits", "link"]) if (byId(id)) byId(id).value = "";
    prepare();
  }, IDLE);
}
for (const kind of ["keydown", "pointerdown"]) document.addEventListener(kind, busy);

document.addEventListener("renewed", prepare);
prepare();
