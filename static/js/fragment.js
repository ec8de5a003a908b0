// Fetches a fragment of a page.
export async function fragment(path) {
  const response = await fetch(path, { headers: { "HX-Request": "true" } });
  if (!response.ok) throw Object.assign(new Error(response.statusText), { status: response.status });
  return document.createRange().createContextualFragment(await response.text());
}
