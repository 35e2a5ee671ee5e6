// A prediction comes first: the controls stay disabled until the reader has committed to one, or
// skipped it. It stays visible beside the figure, and is there again when the notebook is.

function predictionSaid({ options, guesses }, { answer, skipped }) {
  if (skipped) return "You skipped the prediction.";
  if (guesses.length) return "Your prediction is the dotted line.";
  return `You predicted: ${options[answer] ?? answer}`;
}

// A prediction that is drawn: sliders move a dotted line in the picture.
function guessForm({ text }, title, guessControls, onAnswer) {
  const legend = make("legend", { id: newId(), textContent: title });
  const asked = make("p", { id: newId(), textContent: text });
  const commit = keepKeys(make("button", { type: "submit", textContent: "Commit" }));
  const fieldset = make("fieldset", {}, legend, asked,
    make("div", { className: "nnbook-controls" }, ...guessControls()),
    make("div", { className: "nnbook-buttons" }, commit));
  fieldset.setAttribute("aria-labelledby", `${legend.id} ${asked.id}`);
  const form = make("form", { className: "nnbook-question" }, fieldset);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    onAnswer();
  });
  return form;
}

// guessControls() returns the controls of a drawn prediction; guessed() returns where they are.
function predictFirst(model, panel, listen, guessControls, guessed) {
  const question = model.get("question");
  const place = make("div", { className: "nnbook-predict" });
  const commit = (prediction) => {
    model.set("prediction", prediction);
    model.save_changes();
  };
  const button = (text, className, onclick) =>
    keepKeys(make("button", { type: "button", textContent: text, className, onclick }));
  const ask = () => {
    const title = "Predict before you move it";
    const form = question.guesses.length
      ? guessForm(question, title, guessControls, () => commit({ answer: guessed() }))
      : questionForm(question, title, "Commit", (answer) => commit({ answer }));
    form.querySelector(".nnbook-buttons").append(
      button("Skip", "nnbook-skip", () => commit({ skipped: true })));
    place.replaceChildren(form);
  };
  const tell = (prediction) => place.replaceChildren(
    make("p", { className: "nnbook-asked", textContent: question.text }),
    make("p", { className: "nnbook-predicted", role: "status" },
      predictionSaid(question, prediction), " ",
      button("Predict again", "nnbook-again", () => commit({}))));
  const show = () => {
    const prediction = model.get("prediction");
    const open = !("answer" in prediction || prediction.skipped);
    const hadFocus = place.contains(document.activeElement);
    panel.disabled = open;
    open ? ask() : tell(prediction);
    if (hadFocus) (open ? place : panel).querySelector("input, select, button")?.focus();
  };
  if (question.text) {
    listen("change:prediction", show);
    show();
  }
  return place;
}
