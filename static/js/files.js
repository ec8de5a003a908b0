// <label class="drop"><input type="file" data-preview="image-id">: shows what was chosen, and that something may be dropped.
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
  }
});
for (const name of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    event.target.closest?.(".drop")?.toggleAttribute("data-over", name === "dragover");
  });
}
