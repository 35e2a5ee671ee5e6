// A question with one answer: radio buttons, or a number. Shared by predictions and quizzes.

let questionsMade = 0;

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

function answerInputs(options, name) {
  if (!options.length) {
    const number = keepKeys(make("input", { type: "text", name, inputMode: "decimal", required: true }));
    return [make("label", { className: "nnbook-option" }, "Your number ", number)];
  }
  return options.map((text, index) =>
    make("label", { className: "nnbook-option" },
      keepKeys(make("input", { type: "radio", name, value: String(index), required: true })), " ", text));
}

// question: { text, options: [string] }, no options for a number.
// onAnswer(index or number); returns the form.
function questionForm(question, title, buttonText, onAnswer) {
  const name = `nnbook-question-${++questionsMade}`;
  const complaint = make("p", { className: "nnbook-complaint", role: "alert", hidden: true });
  const buttons = make("div", { className: "nnbook-buttons" },
    keepKeys(make("button", { type: "submit", textContent: buttonText })));
  const form = make("form", { className: "nnbook-question", noValidate: true },
    make("fieldset", {},
      make("legend", { textContent: title }),
      make("p", { textContent: question.text }),
      ...answerInputs(question.options, name), complaint, buttons));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const sent = new FormData(form).get(name);
    const answer = Number(String(sent ?? "").trim().replace("−", "-").replace(",", ".") || NaN);
    complaint.hidden = Number.isFinite(answer);
    complaint.textContent = question.options.length ? "Choose one first." : "Write a number first, such as 0.5.";
    if (complaint.hidden) onAnswer(answer);
  });
  return form;
}
