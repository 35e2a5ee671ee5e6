// A live figure: prediction, controls, formula, picture, caption. The kernel draws; this page asks
// for the newest values only (the widget model keeps one message in flight and merges the rest).

const REST_AFTER_MS = 150;

function controlLabel(spec) {
  return spec.label ?? spec.name.replaceAll("_", " ");
}

// A control is made from its description and a wire to the model: the value to start with, how to
// send a new one, how to follow what another view of the same figure sends.

function labelled(spec, ...parts) {
  return make("label", {}, make("span", { textContent: controlLabel(spec) }), ...parts);
}

function rangeInput(spec, { value, send, follow }) {
  const number = make("output");
  number.setAttribute("aria-hidden", "true"); // the slider itself says its value
  const input = keepKeys(make("input", {
    type: "range", name: spec.name, min: spec.low, max: spec.high, step: spec.step, value,
  }));
  const show = () => {
    number.textContent = Number(input.value).toFixed(spec.decimals).replace("-", "−");
    input.setAttribute("aria-valuetext", number.textContent);
  };
  input.addEventListener("input", () => { show(); send(Number(input.value)); });
  follow((other) => { input.value = other; show(); });
  show();
  input.moveTo = (position) => {
    input.value = position;
    input.dispatchEvent(new Event("input"));
  };
  return [labelled(spec, input, number), input];
}

function stepsControl(spec, wire) {
  const [label, input] = rangeInput(spec, wire);
  const again = () => setTimeout(next, spec.seconds * 1000);
  let timer = null; // 0 while a step is on its way to the screen
  const button = (text, name, act) => {
    const made = keepKeys(make("button", { type: "button", onclick: act }));
    write(made, text, name);
    return made;
  };
  const write = (made, text, name) => {
    made.textContent = text;
    made.title = name;
    made.setAttribute("aria-label", `${name}: ${controlLabel(spec)}`);
  };
  const playButton = button("▶", "Play", () => (timer === null ? play() : pause()));
  const pause = () => { clearTimeout(timer); timer = null; write(playButton, "▶", "Play"); };
  const next = () => {
    if (!input.isConnected || Number(input.value) >= spec.high) return pause();
    input.moveTo(Number(input.value) + 1);
    timer = 0;
  };
  const play = () => {
    write(playButton, "❚❚", "Pause");
    if (Number(input.value) >= spec.high) input.moveTo(0);
    timer = again();
  };
  wire.whenDrawn((failed) => {
    if (timer === 0) failed ? pause() : timer = again();
  });
  const go = (position) => () => { pause(); input.moveTo(position()); };
  return make("div", { className: "nnbook-steps" },
    button("|◀", "To the start", go(() => 0)),
    button("◁", "Back one", go(() => Number(input.value) - 1)),
    playButton,
    button("▷", "On one", go(() => Number(input.value) + 1)),
    label);
}

function choiceControl(spec, { value, send, follow }) {
  const menu = keepKeys(make("select", { name: spec.name }));
  menu.append(...spec.options.map((text) => make("option", { value: text, textContent: text })));
  menu.value = value;
  menu.addEventListener("change", () => send(menu.value));
  follow((other) => { menu.value = other; });
  return labelled(spec, menu);
}

function switchControl(spec, { value, send, follow }) {
  const box = keepKeys(make("input", { type: "checkbox", name: spec.name, checked: value }));
  box.addEventListener("change", () => send(box.checked));
  follow((other) => { box.checked = other; });
  return labelled(spec, box);
}

function textControl(spec, { value, send, follow }) {
  const line = keepKeys(make("input", { type: "text", name: spec.name, value, maxLength: spec.longest }));
  line.addEventListener("input", () => send(line.value));
  follow((other) => { if (line.value !== other) line.value = other; }); // else the cursor would jump
  return labelled(spec, line);
}

const CONTROLS = {
  slider: (...of) => rangeInput(...of)[0],
  steps: stepsControl,
  choice: choiceControl,
  switch: switchControl,
  text: textControl,
};

function look() {
  const dark = document.body.dataset.jpThemeLight === "false";
  return { theme: dark ? "dark" : "light", pixel_ratio: window.devicePixelRatio || 1 };
}

// Sends the newest values; says "resting" once nothing has moved for a moment.
function asker(model) {
  let timer = null;
  const ask = (changes, resting) => {
    model.set("asked", { values: { ...model.get("asked").values, ...changes }, resting });
    model.save_changes();
  };
  return (name, value) => {
    clearTimeout(timer);
    ask({ [name]: value }, false);
    timer = setTimeout(() => ask({}, true), REST_AFTER_MS);
  };
}

function controlPanel(model, listen) {
  const panel = make("fieldset", { className: "nnbook-controls" },
    make("legend", { className: "nnbook-hidden", textContent: "Controls" }));
  const send = asker(model);
  for (const spec of model.get("controls")) {
    const now = () => model.get("asked").values[spec.name];
    panel.append(CONTROLS[spec.kind](spec, {
      value: now(),
      send: (value) => send(spec.name, value),
      follow: (act) => listen("change:asked", () => act(now())),
      whenDrawn: (act) => listen("change:drawn", () => act(Boolean(model.get("error")))),
    }));
  }
  panel.hidden = !model.get("controls").length;
  return panel;
}

function picture(model, listen) {
  const image = make("img", { className: "nnbook-picture", decoding: "sync" });
  const caption = make("figcaption", { className: "nnbook-caption" });
  caption.setAttribute("aria-live", "polite");
  const show = () => { image.src = model.get("frame"); };
  const describe = () => {
    caption.setAttribute("aria-busy", String(!model.get("asked").resting)); // silent while it moves
    caption.textContent = image.alt = model.get("caption");
  };
  image.width = model.get("width");
  listen("change:frame", show);
  listen("change:caption change:asked", describe);
  show();
  describe();
  return make("figure", {}, image, caption);
}

function formulaBox(model, listen) {
  const box = make("div", { className: "nnbook-formula" });
  const show = () => { box.innerHTML = model.get("formula"); };
  box.hidden = !model.get("formula");
  listen("change:formula", show);
  show();
  return box;
}

function errorBox(model, listen) {
  const box = make("pre", { className: "nnbook-error", role: "alert" });
  const show = () => {
    box.textContent = model.get("error");
    box.hidden = !box.textContent;
  };
  listen("change:error", show);
  show();
  return box;
}

// The controls stay disabled until the reader has committed to a prediction, or skipped it.
function predictFirst(model, panel, listen) {
  const question = model.get("question");
  const place = make("div", { className: "nnbook-predict" });
  const commit = (answer) => {
    model.set("prediction", answer);
    model.save_changes();
  };
  const said = () => {
    const { answer, skipped } = model.get("prediction");
    if (skipped) return "You skipped the prediction.";
    return `You predicted: ${question.options[answer] ?? answer}`;
  };
  const show = () => {
    const open = Boolean(question.text) && !("skipped" in model.get("prediction"));
    panel.disabled = open;
    if (open || !question.text) return;
    const hadFocus = place.contains(document.activeElement);
    place.replaceChildren(
      make("p", { className: "nnbook-asked", textContent: question.text }),
      make("p", { className: "nnbook-predicted", textContent: said(), role: "status" }));
    if (hadFocus) panel.querySelector("input, select, button")?.focus();
  };
  if (question.text) {
    const form = questionForm(question, "Predict before you move it", "Commit",
      (answer) => commit({ answer, skipped: false }));
    const skip = keepKeys(make("button", { type: "button", className: "nnbook-skip", textContent: "Skip" }));
    skip.addEventListener("click", () => commit({ skipped: true }));
    form.querySelector(".nnbook-buttons").append(skip);
    place.append(form);
  }
  listen("change:prediction", show);
  show();
  return place;
}

function followLook(model) {
  const tell = () => {
    const now = look();
    const known = model.get("look");
    if (now.theme === known.theme && now.pixel_ratio === known.pixel_ratio) return;
    model.set("look", now);
    model.save_changes();
  };
  const watcher = new MutationObserver(tell);
  watcher.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
  window.addEventListener("resize", tell); // also a zoom, or another screen
  tell();
  return () => {
    watcher.disconnect();
    window.removeEventListener("resize", tell);
  };
}

function render({ model, el }) {
  const heard = [];
  const listen = (events, act) => {
    for (const event of events.split(" ")) {
      model.on(event, act);
      heard.push([event, act]);
    }
  };
  const panel = controlPanel(model, listen);
  const root = make("div", { className: "nnbook nnbook-figure", role: "group" },
    predictFirst(model, panel, listen), panel, formulaBox(model, listen), picture(model, listen),
    errorBox(model, listen));
  root.setAttribute("aria-label", model.get("name"));
  el.append(root);
  const unwatch = followLook(model);
  return () => {
    heard.forEach(([event, act]) => model.off(event, act));
    unwatch();
  };
}

export default { render };
