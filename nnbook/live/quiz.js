// A self-check question: answer, read what your answer means, try again if you like. The answers are
// the model's: every view of it shows what was given in any of them, also one that is drawn later.

function feedbackTo(question, answer) {
  if (question.options.length) return question.answers[answer];
  const near = (value) => Math.abs(answer - value) <= question.tolerance;
  return question.answers.find(({ value }) => value !== null && near(value))
    ?? question.answers.find(({ value }) => value === null);
}

// Right or not; of a number also how it was read and what it was near to, where that can surprise.
function verdict(question, { answer, written }) {
  const { right, value } = feedbackTo(question, answer);
  const said = right ? "Right" : "Not this one";
  if (question.options.length) return said;
  const notes = [];
  if (!isPlain(question, answer, written)) notes.push(`${written} is read as ${inWords(answer, question)}`);
  if (right && inWords(value, question) !== inWords(answer, question)) {
    notes.push(`near enough to ${inWords(value, question)}`);
  }
  return notes.length ? `${said}: ${notes.join(", ")}` : said;
}

// Whether there is nothing to say on how a number was read.
function isPlain({ unit }, answer, written) {
  return Number(withoutUnit(written, unit).replaceAll("−", "-")) === answer;
}

function inWords(number, { unit }) {
  const digits = String(Number(number.toPrecision(6))).replaceAll("-", "−");
  return unit ? `${digits} ${unit}` : digits;
}

function givenTo(model, question) {
  return model.get("given")[question.name] ?? { tries: 0 };
}

function give(model, question, answer, written) {
  const { right } = feedbackTo(question, answer);
  const tries = givenTo(model, question).tries + 1; // so that the same answer again is news too
  model.set("given", { ...model.get("given"), [question.name]: { answer, written, right, tries } });
  model.save_changes();
}

function renderQuestion(model, question, listen) {
  const before = make("p", { className: "nnbook-before", hidden: !question.before });
  before.textContent = `You answered this before: ${question.before}.`;
  const feedback = make("div", { id: newId(), className: "nnbook-feedback", role: "status" });
  const form = questionForm(question, question.title, "Check",
    (answer, written) => give(model, question, answer, written));
  form.querySelector("fieldset").setAttribute("aria-describedby", feedback.id);
  let shown = 0;
  const show = () => {
    const given = givenTo(model, question);
    if (given.tries === shown) return; // the news is of another question: leave this one's form
    shown = given.tries;
    before.hidden = true;
    form.fill(given.written);
    feedback.dataset.right = given.right;
    feedback.replaceChildren(
      make("strong", { textContent: `${verdict(question, given)}. ` }),
      feedbackTo(question, given.answer).text);
  };
  listen("change:given", show);
  show();
  return make("div", { className: "nnbook-quiz" }, form, before, feedback);
}

function render({ model, el }) {
  const heard = [];
  const listen = (event, act) => {
    model.on(event, act);
    heard.push([event, act]);
  };
  const questions = model.get("questions").map((question) => renderQuestion(model, question, listen));
  el.append(make("div", { className: "nnbook" }, ...questions));
  return () => heard.forEach(([event, act]) => model.off(event, act));
}

export default { render };
