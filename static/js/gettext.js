// Translated messages for the other modules. /words/de.js, loaded before, has them in German; English needs none.
const { django } = globalThis;

export const gettext = django?.gettext ?? ((text) => text);
export const ngettext = django?.ngettext ?? ((one, many, count) => (count === 1 ? one : many));

// interpolate(gettext("%(minutes)sm"), { minutes: 5 })
export const interpolate = (text, values) => text.replace(/%\((\w+)\)s/g, (whole, name) => values[name] ?? whole);

// For Intl: the language of the page, and the reader’s variant of it: "en-GB" on a page in English.
export const language = document.documentElement.lang || "en";
export const dialect = navigator.languages?.find((tag) => tag.split("-")[0] === language) ?? language;
