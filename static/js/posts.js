// Live changes to the cards of a post: counts, a new version, or that it is no longer available.
import { gettext, interpolate, language, ngettext } from "kith/gettext";

export const cardsOf = (id) => document.querySelectorAll(`[data-post="${CSS.escape(id)}"]`);

const decimal = new Intl.NumberFormat(language, { maximumFractionDigits: 1, useGrouping: false });
const rounded = (number, unit) => decimal.format(number < unit * 100 ? number / unit : Math.floor(number / unit));

// The same as the template filter `compact`.
function compact(number) {
  if (number < 1) return "";
  if (number >= 1_000_000) return interpolate(gettext("%(number)sM"), { number: rounded(number, 1_000_000) });
  if (number >= 1_000) return interpolate(gettext("%(number)sK"), { number: rounded(number, 1_000) });
  return String(number);
}

const LABELS = {
  likes: (n) => ngettext("Like, %(number)s like", "Like, %(number)s likes", n),
  reposts: (n) => ngettext("Repost, %(number)s repost", "Repost, %(number)s reposts", n),
  replies: (n) => ngettext("Reply, %(number)s reply", "Reply, %(number)s replies", n),
};

export function showCounts(message) {
  for (const card of cardsOf(message.id)) {
    // Only the message on subscribing has it: the card may have been rendered before the last edit.
    if (message.edited_at && card.dataset.edited !== message.edited_at && card.matches("article.post")) return refreshCards(message.id);
    for (const place of card.querySelectorAll("[data-live]")) {
      const number = message[place.dataset.live];
      if (typeof number !== "number") continue;
      const text = compact(number);
      if (place.textContent !== text) place.textContent = text;
      const button = place.closest("[aria-label]");
      button?.setAttribute("aria-label", interpolate(LABELS[place.dataset.live](number), { number }));
    }
  }
}

// The author of a deleted post gets the response to deleting it, which shows more than the earlier live message.
const OWN_RESPONSE_WITHIN = 1500;

export function removePost(id) {
  const own = `.who-name[href="/@${CSS.escape(document.body.dataset.member ?? "")}"]`;
  if ([...cardsOf(id)].some((card) => card.querySelector(own))) setTimeout(replaceCards, OWN_RESPONSE_WITHIN, id);
  else replaceCards(id);
}

function replaceCards(id) {
  for (const card of cardsOf(id)) {
    const gone = document.createElement("p");
    gone.className = "post-gone";
    gone.id = card.id;
    if (card.dataset.thread) gone.dataset.thread = card.dataset.thread;
    gone.textContent = gettext("This post isn’t available any more.");
    card.replaceWith(gone);
  }
}

export function refreshCards(id) {
  for (const card of cardsOf(id)) {
    // Don’t replace a card in which someone is typing or has something open.
    if (card.contains(document.activeElement) && document.activeElement.matches("textarea, input")) continue;
    if (card.querySelector("textarea, details.menu[open], dialog[open]")) continue;
    const covers = [...card.querySelectorAll(".filtered")];
    const filtered = covers[0]?.parentElement === card;
    const { thread } = card.dataset;
    const sent = document.querySelector(`[data-outcome-of="${CSS.escape(id)}"]`); // a toast
    const how = card.classList.contains("post-focus") ? "?focus=1" : filtered ? "?filtered=1" : "";
    htmx.ajax("GET", `/posts/${id}/card${how}`, { source: card, target: card, swap: "outerHTML" }).then(() => {
      for (const refreshed of cardsOf(id)) {
        if (thread) refreshed.dataset.thread = thread;
        const outcome = sent && JSON.parse(sent.dataset.outcomes)[refreshed.dataset.state ?? "published"];
        if (outcome) sent.querySelector("p").textContent = outcome;
        // Opened warnings stay open.
        refreshed.querySelectorAll(".filtered").forEach((cover, n) => (cover.open = covers[n]?.open ?? false));
      }
    });
  }
}
