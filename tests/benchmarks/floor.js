// The neuron and its half-plane drawn wholly in the page: what a slider costs by itself.

const SIZE = { width: 860, height: 360 };
const PLANE = { left: 520, top: 20, side: 310, reach: 4 };

const toPage = ([x, y]) => [
  PLANE.left + ((x + PLANE.reach) / (2 * PLANE.reach)) * PLANE.side,
  PLANE.top + ((PLANE.reach - y) / (2 * PLANE.reach)) * PLANE.side,
];

function line(context, from, to, color, width) {
  context.strokeStyle = color;
  context.lineWidth = width;
  context.beginPath();
  context.moveTo(...from);
  context.lineTo(...to);
  context.stroke();
}

function polygon(context, corners, color) {
  context.fillStyle = color;
  context.beginPath();
  corners.forEach((corner) => context.lineTo(...toPage(corner)));
  context.fill();
}

function drawPlane(context, w, b) {
  const length = Math.hypot(...w) || 1;
  const normal = w.map((part) => part / length);
  const along = [-normal[1], normal[0]];
  const foot = normal.map((part) => (-b / length) * part);
  const at = (s, t) => foot.map((part, i) => part + s * along[i] + t * normal[i]);
  context.save();
  context.beginPath();
  context.rect(PLANE.left, PLANE.top, PLANE.side, PLANE.side);
  context.clip();
  polygon(context, [at(-20, 0), at(20, 0), at(20, 20), at(-20, 20)], "#e69f0059");
  polygon(context, [at(-20, 0), at(20, 0), at(20, -20), at(-20, -20)], "#0072b259");
  line(context, toPage(at(-20, 0)), toPage(at(20, 0)), "#1a1a1a", 3);
  line(context, toPage([0, 0]), toPage(w), "#1a1a1a", 3);
  context.restore();
}

function drawNeuron(context, w, b) {
  const values = [...w, b];
  const heights = [80, 180, 280];
  context.font = "14px sans-serif";
  values.forEach((value, i) => {
    line(context, [100, heights[i]], [240, 180], value < 0 ? "#d55e00" : "#009e73", 1 + 3 * Math.abs(value));
    context.fillStyle = "#1a1a1a";
    context.fillText(value.toFixed(1), 160, (heights[i] + 180) / 2);
  });
  context.fillText((w[0] + 2 * w[1] + b).toFixed(1), 240, 180);
}

function render({ el }) {
  const canvas = Object.assign(document.createElement("canvas"), SIZE);
  const formula = document.createElement("div");
  const context = canvas.getContext("2d");
  const sliders = [[1, 2], [1, 2], [-1, 4]].map(([value, end]) =>
    Object.assign(document.createElement("input"), { type: "range", min: -end, max: end, step: 0.1, value }));
  const draw = () => {
    const [w1, w2, b] = sliders.map((slider) => Number(slider.value));
    formula.textContent = `z = ${w1}·1 + ${w2}·2 + ${b} = ${(w1 + 2 * w2 + b).toFixed(1)}`;
    context.clearRect(0, 0, SIZE.width, SIZE.height);
    drawPlane(context, [w1, w2], b);
    drawNeuron(context, [w1, w2], b);
  };
  const root = Object.assign(document.createElement("div"), { className: "floor" });
  for (const slider of sliders) {
    slider.setAttribute("data-lm-suppress-shortcuts", "true");
    slider.style.width = "22rem";
    slider.addEventListener("input", draw);
  }
  root.append(...sliders, formula, canvas);
  el.append(root);
  draw();
}

export default { render };
