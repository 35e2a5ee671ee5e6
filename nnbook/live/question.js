// A question with one answer: radio buttons, or a number. Shared by predictions and quizzes.

// Each widget loads this file for itself, so a count alone would be the same in two of them.
const widgetPrefix = `nnbook-${Math.random().toString(36).slice(2)}`;
let idsMade = 0;

function newId() {
  return `${widgetPrefix}-${++idsMade}`;
}

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

// JupyterLab must not take the keys that an input or a button needs: arrows, letters, space, Enter.
function keepKeys(input) {
  input.setAttribute("data-lm-suppress-shortcuts", "true");
  return input;
}

// question: { text, options: [string], unit }; no options for a number, and its unit is optional.
// onAnswer(answer, written): the index of the option or the number, and what stands in the form.
// Returns the form; form.fill(written) puts an earlier answer back into it.
function questionForm(question, title, buttonText, onAnswer) {
  const name = newId();
  const legend = make("legend", { id: newId(), textContent: title });
  const asked = make("p", { id: newId(), textContent: question.text });
  const complaint = make("p", { id: newId(), className: "nnbook-complaint", role: "alert", hidden: true });
  const inputs = answerInputs(question, name);
  const buttons = make("div", { className: "nnbook-buttons" },
    keepKeys(make("button", { type: "submit", textContent: buttonText })));
  const fieldset = make("fieldset", {}, legend, asked, ...inputs, complaint, buttons);
  fieldset.setAttribute("aria-labelledby", `${legend.id} ${asked.id}`);
  const form = make("form", { className: "nnbook-question", noValidate: true }, fieldset);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const written = form.elements[name].value.trim();
    const answer = answerIn(question, written);
    complain(fieldset.querySelector("input"), complaint,
      Number.isFinite(answer) ? "" : complaintAbout(question, written));
    if (complaint.hidden) onAnswer(answer, written);
  });
  form.fill = (written) => { form.elements[name].value = written; };
  return form;
}

function answerInputs({ options, unit }, name) {
  if (!options.length) {
    return [make("label", { className: "nnbook-option" }, "Your number ", numberInput(name), unit ? ` ${unit}` : "")];
  }
  return options.map((text, index) =>
    make("label", { className: "nnbook-option" },
      keepKeys(make("input", { type: "radio", name, value: String(index), required: true })), " ", text));
}

function numberInput(name) {
  const number = keepKeys(make("input", { type: "text", name, required: true }));
  number.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault(); // where the browser would send the form as well
    number.form.requestSubmit(); // JupyterLab keeps it from doing so: no line breaks in an output
  });
  return number;
}

function answerIn({ options, unit }, written) {
  return options.length ? Number(written || NaN) : numberIn(written, unit);
}

function complaintAbout({ options, unit }, written) {
  if (options.length) return "Choose one first.";
  if (!written) return "Write a number first, such as 0.5.";
  if (TWO_READINGS.test(withoutUnit(written, unit))) {
    return `${written} can be read in two ways. Write ${written.replace(",", "")} or ${written.replace(",", ".")}.`;
  }
  return `“${written}” cannot be read as a number. Write one such as 0.5, 1/3 or 2e3${unit ? `, in ${unit}` : ""}.`;
}

function complain(input, complaint, words) {
  complaint.textContent = words;
  complaint.hidden = !words;
  input.setAttribute("aria-invalid", String(Boolean(words)));
  if (!words) return input.removeAttribute("aria-describedby");
  input.setAttribute("aria-describedby", complaint.id);
  input.focus();
}

// A thousand to some readers, one to others.
const TWO_READINGS = /^[-+−]?[1-9]\d{0,2},\d{3}$/;

// What a reader may write: 0.5  0,5  −3  50 000  1/3  2e3  2·10³  10^-2  50 %, with the unit or
// without it. NaN for all else.
function numberIn(written, unit) {
  const bare = withoutUnit(written, unit);
  if (TWO_READINGS.test(bare)) return NaN;
  const percent = bare.endsWith("%");
  const [top, bottom = "1", ...more] = inAscii(percent ? bare.slice(0, -1) : bare).split("/");
  return more.length ? NaN : product(top) / product(bottom) / (percent ? 100 : 1);
}

function withoutUnit(written, unit) {
  return unit && written.endsWith(unit) ? written.slice(0, -unit.length).trim() : written;
}

function inAscii(text) {
  return text.trim()
    .replace(/[−–]/g, "-")
    .replace(/[·×⋅]/g, "*")
    .replace(/\*\*/g, "^")
    .replace(/[⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+/g, (raised) => `^${[...raised].map(lowered).join("")}`)
    .replace(/(\d)\s(?=\d{3}(?!\d))/g, "$1") // 50 000
    .replace(/\s*([*/^])\s*/g, "$1")
    .replace(/^([-+])\s+/, "$1")
    .replace(/,/g, ".");
}

function lowered(raised) {
  return "+-0123456789"["⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹".indexOf(raised)];
}

function product(text) {
  return text.split("*").reduce((value, factor) => value * power(factor), 1);
}

// The sign stays outside: −2² is −4.
function power(text) {
  const parts = /^([-+]?)((?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)(?:\^([-+]?\d+))?$/i.exec(text);
  if (!parts) return NaN;
  const [, sign, base, exponent = "1"] = parts;
  return Number(`${sign}1`) * Number(base) ** Number(exponent);
}
