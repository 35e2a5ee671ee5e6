// How far a recording has come. The bar says so to who asks; only its end is announced.

function render({ model, el }) {
  const total = model.get("total");
  const bar = make("progress", { max: total || 1 });
  const words = make("span", { className: "nnbook-news" });
  words.setAttribute("aria-hidden", "true"); // the bar itself says them
  const row = make("div", { className: "nnbook-recording" },
    make("label", {}, make("span", { textContent: model.get("name") }), bar), words);
  const announced = make("span", { className: "nnbook-hidden", role: "status" });
  const show = () => {
    const { count, words: now, state } = model.get("news");
    if (total !== null) bar.value = count; // without a value it is indeterminate
    bar.hidden = total === null && state !== "running";
    bar.setAttribute("aria-valuetext", now);
    words.textContent = now;
    row.dataset.state = state;
    row.hidden = state === "done"; // the words stand below, in an output that can be saved
    if (state !== "running") announced.textContent = now;
  };
  el.append(make("div", { className: "nnbook" }, row, announced));
  model.on("change:news", show);
  show();
  return () => model.off("change:news", show);
}

export default { render };
