// <textarea data-autosize> grows with its text in browsers without field-sizing: content.
if (!CSS.supports("field-sizing", "content")) {
  const fit = (field) => {
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight}px`;
  };
  const all = () => document.querySelectorAll("textarea[data-autosize]").forEach(fit);
  document.addEventListener("input", (event) => event.target.matches?.("textarea[data-autosize]") && fit(event.target));
  document.addEventListener("kith:restored", (event) => fit(event.target));
  document.addEventListener("htmx:after:process", all);
  all();
}
