// A live figure: prediction, controls, formula, picture, caption. The kernel draws; this page shows
// what it drew, and asks for the newest values only (the widget model keeps one message in flight
// and merges the rest).

const REST_AFTER_MS = 150;

function look() {
  const dark = document.body.dataset.jpThemeLight === "false";
  return { theme: dark ? "dark" : "light", pixel_ratio: window.devicePixelRatio || 1 };
}

// What this view of the figure shows, and how it gets there: a frame that is here is shown at once,
// and the kernel told when the control rests; for any other the kernel is asked.
function figureView(model, listen) {
  const store = frameStore(model);
  const listeners = [];
  let values = model.get("asked");
  let timer = null;
  let resting = true;
  let blank = true;
  // an answer to older values is shown only while there is nothing newer to show
  const newest = () => store.get(values) ?? store.get(model.get("frame").values);
  const show = () => {
    const frame = newest();
    if (!frame) return;
    blank = false;
    listeners.forEach((act) => act(frame, resting));
  };
  const tellKernel = () => {
    model.set("asked", values);
    model.save_changes();
  };
  const readAhead = aheadAsker(model, store, listen);
  const rest = (spec) => () => {
    resting = true;
    if (store.key(values) !== store.key(model.get("asked"))) tellKernel();
    show();
    readAhead(spec, values);
  };
  const move = (spec, value) => {
    values = { ...values, [spec.name]: value };
    resting = false;
    clearTimeout(timer);
    timer = setTimeout(rest(spec), REST_AFTER_MS);
    store.get(values) ? show() : tellKernel();
  };
  listen("change:asked", () => { if (resting) values = model.get("asked"); });
  listen("change:frame", () => {
    store.take([model.get("frame")]);
    show();
  });
  listen("change:ahead", () => { if (blank) show(); });
  store.take([model.get("frame")]);
  newest() ? show() : askOnceMore(model);
  return {
    move,
    valueOf: (name) => values[name],
    onShow: (act) => {
      listeners.push(act);
      if (!blank) act(newest(), true);
    },
    approach: (spec) => readAhead(spec, values),
  };
}

// What was drawn ahead may lie on a newer paper than the present frame, and only the newest paper is
// there for a view that comes later: it needs the frame drawn once more. The id makes it a new wish.
function askOnceMore(model) {
  model.set("wanted", { values: [model.get("frame").values], id: newId() });
  model.save_changes();
}

function controlFor(spec, model, view, listen) {
  const control = CONTROLS[spec.kind](spec, {
    value: view.valueOf(spec.name),
    send: (value) => view.move(spec, value),
    follow: (act) => listen("change:asked", () => act(view.valueOf(spec.name))),
    whenDrawn: (act) => {
      view.onShow(({ values }) => { if (values[spec.name] === view.valueOf(spec.name)) act(false); });
      listen("change:error", () => { if (model.get("error")) act(true); });
    },
  });
  for (const event of ["pointerenter", "focusin"]) {
    control.addEventListener(event, () => view.approach(spec));
  }
  return control;
}

// Room once made for a long text is kept, so that nothing below goes up and down while a control
// moves; in another width it is made anew.
function keepRoom(element) {
  let width = 0;
  const watcher = new ResizeObserver(([{ contentRect }]) => {
    element.style.minHeight = contentRect.width === width ? `${contentRect.height}px` : "";
    ({ width } = contentRect);
  });
  watcher.observe(element);
  return element;
}

function picture(model, view) {
  const canvas = make("canvas", { className: "nnbook-picture" });
  const context = canvas.getContext("2d");
  const caption = keepRoom(make("figcaption", { className: "nnbook-caption" }));
  const spoken = make("div", { className: "nnbook-hidden" }); // the caption once more, at rest only
  let newest = {};
  const draw = async (frame) => {
    if (newest.key === frame.key && newest.number === frame.number) return; // drawn again, the same
    newest = frame;
    if (!frame.paper.complete) await frame.paper.decode();
    if (newest === frame) drawFrame(context, frame);
  };
  const describe = (frame, resting) => {
    caption.textContent = frame.caption;
    canvas.setAttribute("aria-label", frame.caption);
    if (resting && spoken.textContent !== frame.caption) spoken.textContent = frame.caption;
  };
  canvas.setAttribute("role", "img");
  canvas.style.width = `${model.get("width")}px`;
  caption.setAttribute("aria-hidden", "true");
  spoken.setAttribute("aria-live", "polite");
  view.onShow(draw);
  view.onShow(describe);
  return make("figure", {}, canvas, caption, spoken);
}

function formulaBox(model, view) {
  const box = make("div", { className: "nnbook-formula" });
  view.onShow(({ formula }) => { box.innerHTML = formula; });
  box.hidden = !model.get("frame").formula;
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

// The present state as a line of code, to be sent to somebody else.
function shareBox(view) {
  const line = keepKeys(make("input", { type: "text", readOnly: true, hidden: true }));
  const button = keepKeys(make("button", { type: "button", textContent: "Share" }));
  line.setAttribute("aria-label", "Code that shows this state of the figure");
  button.setAttribute("aria-expanded", "false");
  button.addEventListener("click", () => {
    line.hidden = !line.hidden;
    button.setAttribute("aria-expanded", String(!line.hidden));
    if (line.hidden) return;
    line.focus(); // ready to be copied
    line.select();
  });
  view.onShow(({ state }) => { line.value = `live.restore("${state}")`; });
  return make("div", { className: "nnbook-share" }, button, line);
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
  const view = figureView(model, listen);
  const { guesses } = model.get("question");
  const made = (specs) => specs.map((spec) => controlFor(spec, model, view, listen));
  const panel = make("fieldset", { className: "nnbook-controls" },
    make("legend", { className: "nnbook-hidden", textContent: "Controls" }),
    ...made(model.get("controls")));
  panel.hidden = !model.get("controls").length;
  let guessControls; // made once, as each listens to the model for as long as the view is there
  const guessed = () => Object.fromEntries(guesses.map(({ name }) => [name, view.valueOf(name)]));
  const root = make("div", { className: "nnbook nnbook-figure", role: "group" },
    predictFirst(model, panel, listen, () => (guessControls ??= made(guesses)), guessed), panel,
    formulaBox(model, view), picture(model, view), errorBox(model, listen));
  if (!panel.hidden) root.append(shareBox(view));
  root.setAttribute("aria-label", model.get("name"));
  el.append(root);
  const unwatch = followLook(model);
  return () => {
    heard.forEach(([event, act]) => model.off(event, act));
    unwatch();
  };
}

export default { render };
