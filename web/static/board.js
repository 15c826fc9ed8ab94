// The screen on the wall: languages in turn, a chime, and numbers spoken where the browser can.
// What was called stands in `data-call`, another for each call; what to say of it in `data-say`.

const TURN = 10_000, FRESH = 15_000;
const still = matchMedia("(prefers-reduced-motion: reduce)");

// --- One language after the other; where motion is not wanted, all one below the other

let turn = 0;
function show() {
  const languages = [...document.querySelectorAll("[data-turn]")];
  languages.forEach((each, n) => { each.hidden = !still.matches && n !== turn % languages.length; });
}
setInterval(() => { turn += 1; show(); }, TURN);
still.addEventListener("change", show);
show();

// --- What is new

const calls = () => [...document.querySelectorAll("[data-call]")];
const keysOf = found => new Set(found.map(each => each.dataset.call));
let known = keysOf(calls());
const fresh = new Map();

document.addEventListener("renewed", () => {
  const found = calls(), now = keysOf(found);
  for (const key of now) {
    if (known.has(key)) continue;
    fresh.set(key, Date.now() + FRESH);
    announce(found.filter(each => each.dataset.call === key)
      .map(each => [each.dataset.say, each.closest("[lang]").lang]));
  }
  known = now;
  for (const each of found) each.classList.toggle("fresh", (fresh.get(each.dataset.call) ?? 0) > Date.now());
  show();
});

// --- Sound: browsers allow it once somebody has pressed, or where they were set up so

const button = document.getElementById("sound");
let audio = null, on = false, said = Promise.resolve();

async function allow(on_) {
  on = on_;
  if (on) {
    audio ??= new AudioContext();
    if (audio.state !== "running") await audio.resume();
  }
  button.setAttribute("aria-pressed", String(on));
  try { localStorage.setItem("opd-sound", on ? "on" : "off"); } catch { /* it asks again next time */ }
}

function tone(frequency, begins) {
  const source = audio.createOscillator(), volume = audio.createGain();
  source.frequency.value = frequency;
  volume.gain.setValueAtTime(0.0001, begins);
  volume.gain.exponentialRampToValueAtTime(0.4, begins + 0.03);
  volume.gain.exponentialRampToValueAtTime(0.0001, begins + 0.7);
  source.connect(volume).connect(audio.destination);
  source.start(begins);
  source.stop(begins + 0.7);
  return new Promise(done => { source.onended = done; });
}

async function chime() {
  const first = tone(784, audio.currentTime);
  await Promise.all([first, tone(587, audio.currentTime + 0.35)]);
}

function speak(text, language) {
  const voice = window.speechSynthesis?.getVoices().find(each => each.lang.toLowerCase().startsWith(language));
  if (!voice) return null; // another language's voice would be understood by nobody
  return new Promise(done => {
    const words = new SpeechSynthesisUtterance(text);
    words.voice = voice;
    words.lang = voice.lang;
    words.rate = 0.9;
    words.onend = words.onerror = done;
    setTimeout(done, 15_000); // some browsers forget to say that they ended
    speechSynthesis.speak(words);
  });
}

function announce(texts) {
  if (!on) return;
  said = said.then(async () => {
    await chime();
    for (const [text, language] of texts) await speak(text, language);
  });
}

button.hidden = !("AudioContext" in window);
button.addEventListener("click", async () => {
  await allow(!on);
  if (on) await chime();
});
let wanted = null;
try { wanted = localStorage.getItem("opd-sound"); } catch { /* nothing is remembered */ }
if (wanted === "on" && !button.hidden) {
  audio = new AudioContext();
  if (audio.state === "running") allow(true);
  else audio.onstatechange = () => { if (audio.state === "running") allow(true); };
}
