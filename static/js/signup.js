// The username field at sign-up, [data-suggest]: suggests one for the email address that was typed, as long as
// the field is otherwise empty. Without JavaScript, the server suggests a missing one.
const field = document.querySelector("input[data-suggest]");
const email = field?.form.elements.email;
let suggestion = "";

async function suggest() {
  if (!email.value.includes("@") || field.value !== suggestion) return;
  const answer = await fetch(`${field.dataset.suggest}?${new URLSearchParams({ email: email.value })}`).catch(() => null);
  if (!answer?.ok) return;
  const { username } = await answer.json();
  if (field.value !== suggestion) return;
  suggestion = username;
  field.value = username;
  if (document.activeElement === field) field.select();
}

email?.addEventListener("change", suggest);
if (email?.value) suggest();
