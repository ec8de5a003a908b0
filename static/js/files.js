// <label class="drop"><input type="file" data-preview="image-id">: previews the chosen file, and accepts drops.
document.addEventListener("change", (event) => {
  const input = event.target;
  if (!input.matches?.('input[type="file"]')) return;
  const [file] = input.files;
  const label = input.closest(".drop")?.querySelector("[data-file-name]");
  if (label && file) label.textContent = [...input.files].map((each) => each.name).join(", ");
  const preview = input.dataset.preview && document.getElementById(input.dataset.preview);
  if (preview && file?.type.startsWith("image/")) {
    if (preview.src.startsWith("blob:")) URL.revokeObjectURL(preview.src);
    preview.src = URL.createObjectURL(file);
    preview.hidden = false;
    // Don’t remove a chosen picture.
    const remove = input.form?.elements[`remove_${input.name}`];
    if (remove) remove.checked = false;
  }
});
for (const name of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    event.target.closest?.(".drop")?.toggleAttribute("data-over", name === "dragover");
  });
}

// A refused form keeps its files, except the one that was refused.
let chosen = new Map();
const filesOf = (root) => [...(root?.querySelectorAll?.('input[type="file"]') ?? [])];
document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  chosen = new Map(filesOf(ctx.sourceElement).filter((input) => input.files.length).map((input) => [input.id, input.files]));
});
document.addEventListener("htmx:after:swap", () => {
  for (const input of filesOf(document)) {
    if (input.files.length || input.getAttribute("aria-invalid") === "true" || !chosen.has(input.id)) continue;
    input.files = chosen.get(input.id);
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }
});
