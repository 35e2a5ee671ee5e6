// The frames of a figure. Each is what the kernel drew for certain values: strokes on a paper, a
// formula, a caption. What was drawn once is kept, and while a control rests the kernel is asked for
// the frames beside the present one: then the next step is here before the finger asks for it.

const KEPT_BYTES = 32e6;
const FRAMES_AHEAD = 240; // how many places of one control are worth drawing before it moves there
const FRAMES_AT_ONCE = 8;

function frameKey(specs, values) {
  const words = ({ name, decimals }) =>
    typeof values[name] === "number" ? values[name].toFixed(decimals) : values[name];
  return JSON.stringify(specs.map(words));
}

function frameStore(model) {
  const specs = [...model.get("controls"), ...model.get("question").guesses];
  const kept = new Map(); // the oldest first
  let papers = new Map(); // the present one and the one before
  let bytes = 0;
  const key = (values) => frameKey(specs, values);
  const drop = (name) => {
    bytes -= kept.get(name).bytes;
    kept.delete(name);
  };
  const keep = (frame, size) => {
    const name = key(frame.values);
    if (kept.has(name)) drop(name);
    const paper = papers.get(frame.paper);
    kept.set(name, { ...frame, paper, number: frame.paper, key: name, bytes: size });
    bytes += size;
    const present = key(model.get("frame").values);
    for (const old of [...kept.keys()]) {
      if (bytes <= KEPT_BYTES) break;
      if (old !== name && old !== present) drop(old);
    }
  };
  const takePaper = ({ number, since, picture }) => {
    for (const [name, frame] of [...kept]) if (frame.number < since) drop(name);
    const image = new Image();
    image.src = picture;
    papers = new Map([...papers].slice(-1)).set(number, image);
  };
  const take = (frames) => {
    const paper = model.get("paper");
    const isNew = !papers.has(paper.number);
    if (isNew) takePaper(paper);
    for (const frame of frames) {
      const { points, codes, pixels } = frame.strokes;
      const size = points.byteLength + codes.byteLength + pixels.byteLength + 2000;
      if (papers.has(frame.paper)) keep(frame, size + (isNew ? paper.bytes : 0));
    }
  };
  return { key, take, get: (values) => kept.get(key(values)) };
}

// The values beside the present ones that a control could be moved to, the nearest first.
function valuesAround(spec, values) {
  const at = (value) => ({ ...values, [spec.name]: value });
  const now = values[spec.name];
  if (spec.kind === "choice") return spec.options.filter((option) => option !== now).map(at);
  if (spec.kind === "switch") return [at(!now)];
  if (spec.kind === "text") return [];
  const places = [];
  for (let away = 1; away <= FRAMES_AHEAD / 2; away++) {
    for (const value of [now + away * spec.step, now - away * spec.step]) {
      const hair = 1e-6 * spec.step; // rounding must not take the ends away
      const inside = value > spec.low - hair && value < spec.high + hair;
      if (inside) places.push(at(Number(value.toFixed(spec.decimals))));
    }
  }
  return places;
}

// Asks for the frames around the present one, a few at a time, and stops when they come slowly.
function aheadAsker(model, store, listen) {
  let line = [];
  let waiting = false;
  const more = () => {
    line = line.filter((values) => !store.get(values));
    if (waiting || !line.length) return;
    waiting = true;
    model.set("wanted", { values: line.slice(0, FRAMES_AT_ONCE), id: newId() }); // always a new wish
    model.save_changes();
  };
  listen("change:ahead", () => {
    const { frames, slow } = model.get("ahead");
    store.take(frames);
    waiting = false;
    if (slow || !frames.length) line = [];
    more();
  });
  return (spec, values) => {
    line = valuesAround(spec, values);
    more();
  };
}
