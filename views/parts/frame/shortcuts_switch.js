const SILENT = "infoscope-keys-off"; // single letters disturb those who dictate

export default function ({ parentElement }) {
  const box = parentElement.querySelector("input");
  box.checked = !localStorage.getItem(SILENT);
  box.onchange = () => (box.checked ? localStorage.removeItem(SILENT) : localStorage.setItem(SILENT, "1"));
}
