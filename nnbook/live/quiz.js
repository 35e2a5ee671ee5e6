// A self-check question: answer, read what your answer means, try again if you like.

function feedbackTo(question, answer) {
  if (question.options.length) return question.answers[answer];
  const near = (value) => Math.abs(answer - value) <= question.tolerance;
  return question.answers.find(({ value }) => value !== null && near(value))
    ?? question.answers.find(({ value }) => value === null);
}

function renderQuestion(model, question, index) {
  const feedback = make("div", { className: "nnbook-feedback", role: "status" });
  const show = (answer) => {
    const { right, text } = feedbackTo(question, answer);
    feedback.dataset.right = right;
    feedback.replaceChildren(make("strong", { textContent: right ? "Right. " : "Not this one. " }), text);
    return right;
  };
  const form = questionForm(question, question.title, "Check", (answer) => {
    model.set("given", { index, answer, right: show(answer), count: (model.get("given").count ?? 0) + 1 });
    model.save_changes();
  });
  return make("div", { className: "nnbook-quiz" }, form, feedback);
}

function render({ model, el }) {
  const questions = model.get("questions").map((question, index) => renderQuestion(model, question, index));
  el.append(make("div", { className: "nnbook" }, ...questions));
}

export default { render };
