// What brings the pages to life. Without it they are whole, and are loaded again by hand.
//
// A page that has `data-stream` on its body listens there. When a doctor of `data-doctors` is told
// of (none named: any), the page is fetched once more, and each element with `data-live` is given
// what it holds there, by its id. One tab of a browser listens, and tells the others.
// An element with `data-look-in="90"` is looked at again after so many seconds.
// A form with `data-enhance` is sent without leaving the page. `data-key="n"` can be reached by n.

const body = document.body;
const root = body.dataset.root;
const SILENCE = 32_000; // twice the server's heartbeat, and a little
const jitter = (least, more) => least + Math.random() * more;

// --- The page, once more

const byId = id => document.getElementById(id);

const isChanged = field => field.matches("select")
  ? [...field.options].some(each => each.selected !== each.defaultSelected)
  : field.type !== "hidden" && (field.value !== field.defaultValue || field.checked !== field.defaultChecked);

// A key that nobody used yet is as good as another: the button under somebody's finger stays.
const shownIn = part => part.innerHTML.replace(/<input type="hidden" name="key"[^>]*>/g, "");

function renew(old, fresh) {
  if (shownIn(old) === shownIn(fresh)) return;
  const active = document.activeElement;
  const focused = old.contains(active) ? active.id : "";
  const [start, end] = focused && "selectionStart" in active ? [active.selectionStart, active.selectionEnd] : [];
  const typed = [...old.querySelectorAll("input[id], textarea[id], select[id]")]
    .filter(isChanged).map(field => [field.id, field.value, field.checked]);
  const open = [...old.querySelectorAll("details[id][open]")].map(each => each.id);
  const top = old.scrollTop;
  old.replaceChildren(...fresh.childNodes);
  for (const [id, value, checked] of typed) {
    const field = byId(id);
    if (field && old.contains(field)) { field.value = value; field.checked = checked; }
  }
  for (const id of open) byId(id)?.setAttribute("open", "");
  old.scrollTop = top;
  const field = focused && byId(focused);
  if (field) {
    field.focus({ preventScroll: true });
    if (start != null && field.setSelectionRange) try { field.setSelectionRange(start, end); } catch { /* it has none */ }
  }
}

// A line that died without a word answers nothing for a quarter of an hour.
async function ask(address, seconds, how) {
  const abort = new AbortController();
  const limit = setTimeout(() => abort.abort(), 1000 * seconds);
  try {
    const answer = await fetch(address, { ...how, signal: abort.signal });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return [answer, page];
  } finally {
    clearTimeout(limit);
  }
}

// Of whom a page is told changes too: a doctor comes to work, another shares a line.
function listenAs(fresh) {
  for (const name of ["stream", "doctors"]) {
    if (name in fresh.body.dataset) body.dataset[name] = fresh.body.dataset[name];
  }
}

let fetching = false, again = false, waiting = 0, later = 0;
let sending = 0, answers = 0; // forms under way; those whose answer is shown

async function look() {
  waiting = 0;
  if (fetching || sending) { again = true; return; } // the button of a form under way stays as it is
  fetching = true;
  const before = answers;
  try {
    const [answer, fresh] = await ask(location.href, 10, { headers: { Accept: "text/html", "X-Live": "1" } });
    if (answer.redirected) { location.assign(answer.url); return; } // the session has ended
    if (answer.status === 401) { location.reload(); return; } // so has a patient's link
    if (!answer.ok) throw new Error(answer.status);
    if (sending || answers !== before) { again = true; return; } // it may be of before that form
    for (const old of document.querySelectorAll("[data-live]")) {
      const part = fresh.getElementById(old.id);
      if (part) renew(old, part);
    }
    listenAs(fresh);
    document.title = fresh.title;
    document.dispatchEvent(new Event("renewed"));
  } catch {
    lookSoon(jitter(2000, 2000));
  } finally {
    fetching = false;
    lookAgain();
  }
}

function lookAgain() {
  if (!again || fetching || sending) return;
  again = false;
  lookSoon(jitter(50, 100));
}

function lookSoon(after = jitter(50, 150)) {
  if (!waiting) waiting = setTimeout(look, after);
}

function lookInTime() {
  clearTimeout(later);
  const times = [...document.querySelectorAll("[data-look-in]")].map(each => Number(each.dataset.lookIn));
  if (times.length) later = setTimeout(look, 1000 * Math.max(1, Math.min(...times)));
}
document.addEventListener("renewed", lookInTime);
lookInTime();

// --- Whether it is live

let heard = Date.now(), lost = false;

function show(stale) {
  const banner = byId("stale");
  if (!banner || stale === lost) return;
  lost = stale;
  if (stale) {
    const time = new Date(heard).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hour12: false });
    banner.textContent = body.dataset.sayStale.replaceAll("%", time);
  }
  banner.hidden = !stale;
  body.classList.toggle("is-stale", stale);
}

function hear(message) {
  const was = lost;
  heard = Date.now();
  show(false);
  if (was) lookSoon();
  if (message === "beat") return;
  const doctors = (body.dataset.doctors ?? "").split(" ").filter(Boolean);
  const { doctorId } = JSON.parse(message);
  if (!doctorId || !doctors.length || doctors.includes(doctorId)) lookSoon();
}

// --- One stream for all tabs

function listen(address) {
  const channel = "BroadcastChannel" in window ? new BroadcastChannel(`opd ${address}`) : null;
  let source = null, seen = "", opening = 0;

  const tell = message => { channel?.postMessage(message); hear(message); };

  function open() {
    clearTimeout(opening);
    opening = 0;
    source?.close();
    source = new EventSource(seen ? `${address}?after=${seen}` : address);
    source.onopen = () => tell("beat");
    source.addEventListener("beat", () => tell("beat"));
    source.onmessage = event => { if (event.lastEventId) seen = event.lastEventId; tell(event.data); };
    source.onerror = () => {
      if (source.readyState !== EventSource.CLOSED) return; // the browser comes again by itself
      lookSoon(); // perhaps one has to sign in again
      if (!opening) opening = setTimeout(open, jitter(2000, 3000));
    };
  }

  function lead() {
    open();
    addEventListener("online", open);
    addEventListener("offline", () => { // what still comes from a line that is cut is no sign of life
      source?.close();
      if (!opening) opening = setTimeout(open, jitter(2000, 3000)); // the service may be on this machine
    });
    setInterval(() => { if (Date.now() - heard > SILENCE) open(); }, SILENCE / 2);
    return new Promise(() => {}); // as long as this tab lives
  }

  if (channel) channel.onmessage = event => hear(event.data);
  if (channel && navigator.locks) {
    navigator.locks.request(`opd ${address}`, lead);
    lookSoon(); // the tab that listens may have told something while this page was on its way
  } else lead();
  addEventListener("offline", () => show(true));
  addEventListener("online", () => lookSoon());
  addEventListener("pageshow", event => { if (event.persisted) lookSoon(); });
  setInterval(() => { if (Date.now() - heard > SILENCE) show(true); }, 1000);
}

// --- Forms

function showAnswer(fresh, answer) {
  byId("main").replaceChildren(...fresh.getElementById("main").childNodes);
  document.title = fresh.title;
  listenAs(fresh);
  if (answer.redirected) history.replaceState(null, "", answer.url);
  const first = document.querySelector("[aria-invalid], main [role=alert]:not([hidden]), main [autofocus]") ?? byId("happened");
  first?.focus();
  document.dispatchEvent(new Event("renewed"));
}

document.addEventListener("submit", async event => {
  const form = event.target;
  if (!form.matches("[data-enhance]") || form.method !== "post") return;
  event.preventDefault();
  if (form.dataset.sending) return;
  const fields = new URLSearchParams(new FormData(form, event.submitter));
  const buttons = [...form.querySelectorAll("button")].filter(button => !button.disabled);
  form.dataset.sending = "yes";
  sending += 1;
  for (const button of buttons) button.disabled = true;
  const where = event.submitter?.getAttribute("formaction") ?? form.getAttribute("action") ?? location.href;
  try {
    const [answer, fresh] = await ask(where, 30, { method: "POST", body: fields, headers: { Accept: "text/html" } });
    if (!(answer.headers.get("content-type") ?? "").startsWith("text/html")) throw new Error(answer.status);
    const page = new URL(answer.url).pathname;
    if (answer.redirected && page !== location.pathname) location.assign(answer.url);
    else { showAnswer(fresh, answer); answers += 1; }
  } catch {
    let said = form.querySelector(".unsent");
    if (!said) {
      said = document.createElement("p");
      said.className = "fault unsent";
      said.setAttribute("role", "alert");
      form.append(said);
    }
    said.textContent = body.dataset.sayUnsent;
  } finally {
    delete form.dataset.sending;
    sending -= 1;
    lookAgain();
    for (const button of buttons) button.disabled = false;
  }
});

// What appears under a finger that presses twice was not meant by it.
document.addEventListener("click", event => {
  if (event.detail > 1 && event.target.closest("form[data-enhance] button")) event.preventDefault();
});

// --- Keys

// The browser does so with the first picture; who types before that would press keys of the page.
if (document.activeElement === body) document.querySelector("main [autofocus]")?.focus();

document.addEventListener("keydown", event => {
  if (event.key === "Escape") { document.activeElement?.blur(); return; } // from a field to the keys
  if (event.ctrlKey || event.metaKey || event.isComposing) return;
  const types = event.target.closest("input, textarea, select, [contenteditable]");
  if (types && !event.altKey) return;
  const wanted = event.altKey ? event.code.replace(/^(Key|Digit)/, "").toLowerCase() : event.key.toLowerCase();
  const target = [...document.querySelectorAll("[data-key]")].find(each => each.dataset.key === wanted && !each.disabled);
  if (!target) return;
  event.preventDefault();
  target.focus();
  if (target.matches("a, button, summary")) target.click();
  else target.select?.();
});

document.addEventListener("click", event => {
  if (event.target.closest("[data-print]")) print();
});

if (body.dataset.stream) listen(root + body.dataset.stream);
