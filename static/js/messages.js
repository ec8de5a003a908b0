// An open conversation: what the other says appears by itself, and the newest is in view.
const room = document.querySelector("[data-conversation]");

function toEnd() {
  document.getElementById("end")?.scrollIntoView({ block: "end" });
}

async function fetchNew() {
  const shown = [...room.querySelectorAll("[data-message]")].at(-1)?.dataset.message ?? "0";
  const answer = await fetch(`/messages/${room.dataset.conversation}/since?after=${shown}`, { headers: { "HX-Request": "true" } });
  if (!answer.ok) return;
  const fragment = document.createRange().createContextualFragment(await answer.text());
  for (const bubble of fragment.querySelectorAll("[data-message]")) {
    if (document.getElementById(bubble.id)) continue;
    document.getElementById("end").before(bubble);
    window.htmx?.process(bubble);
  }
  toEnd();
}

document.addEventListener("live:fact", ({ detail: fact }) => {
  if (fact.type !== "message.created") return;
  if (room && fact.conversation === room.dataset.conversation) {
    fetchNew().catch(() => {}); // the next one, or a reload, brings it
    return;
  }
  const badge = document.getElementById("messages-badge");
  if (fact.own || fact.quiet || !badge) return;
  badge.hidden = false;
  badge.textContent = String(Number(badge.textContent || 0) + 1);
});

if (room) {
  toEnd();
  // Enter sends, Shift and Enter begins a new line; on a phone Enter is a new line.
  const form = document.querySelector("[data-room-write]");
  const field = form.querySelector("textarea");
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || matchMedia("(pointer: coarse)").matches) return;
    event.preventDefault();
    if (field.value.trim()) form.requestSubmit();
  });
  document.addEventListener("htmx:after:swap", toEnd);
  document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
    if (ctx.sourceElement !== form || !(ctx.response?.status >= 200 && ctx.response.status < 300)) return;
    field.value = "";
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  });
}
