// hx-confirm="sentence" asks in our own dialog (question.js); data-confirm-label labels the button.
// A plain form asks too, with data-confirm="sentence".
import { gettext } from "kith/gettext";

async function ask(text, label, danger) {
  const question = await import("kith/question").catch(() => null);
  return question ? question.ask(text, label, danger) : window.confirm(text);
}

const options = (element) => [element.dataset.confirmLabel ?? gettext("Continue"), !element.hasAttribute("data-confirm-safe")];

document.addEventListener("htmx:confirm", (event) => {
  const { ctx, issueRequest, dropRequest } = event.detail;
  if (!ctx?.confirm) return;
  event.preventDefault();
  ask(ctx.confirm, ...options(ctx.sourceElement)).then((yes) => (yes ? issueRequest() : dropRequest()));
});

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.dataset?.confirm || form.dataset.confirmed !== undefined) return;
  event.preventDefault();
  const submitter = event.submitter;
  if (!(await ask(form.dataset.confirm, ...options(form)))) return;
  form.dataset.confirmed = "";
  form.requestSubmit(submitter);
  delete form.dataset.confirmed;
});
