// What a reader can move. A control is made from its description and a wire to the figure: the value
// to start with, how to send a new one, how to follow what another view of the figure sends.

function controlLabel(spec) {
  return spec.label ?? spec.name.replaceAll("_", " ");
}

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
    const stopped = !input.isConnected || input.matches(":disabled"); // a prediction is asked again
    if (stopped || Number(input.value) >= spec.high) return pause();
    timer = 0;
    input.moveTo(Number(input.value) + 1);
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
  return make("div", { className: "nnbook-steps" }, label,
    make("div", { className: "nnbook-play" },
      button("|◀", "To the start", go(() => 0)),
      button("◁", "Back one", go(() => Number(input.value) - 1)),
      playButton,
      button("▷", "On one", go(() => Number(input.value) + 1))));
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
