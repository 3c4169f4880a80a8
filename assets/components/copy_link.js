// A button that copies the address bar, which always holds the link to this screen.
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false; // no permission, or a class server without https
  }
}

export default function ({ data, parentElement }) {
  parentElement.querySelector(".link")?.remove();
  const box = document.createElement("div");
  box.className = "link";
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = data.label;
  button.title = data.help;
  const word = document.createElement("p");
  word.setAttribute("role", "status");
  word.hidden = !data.warning;
  word.textContent = data.warning;
  const field = document.createElement("input");
  field.readOnly = true;
  field.hidden = true;
  field.setAttribute("aria-label", data.label);
  button.onclick = async () => {
    field.value = location.href;
    let copied = await copy(location.href);
    if (!copied) {
      field.hidden = false;
      field.select();
      copied = document.execCommand("copy");
    }
    word.hidden = false;
    word.textContent = [copied ? data.done : data.failed, data.warning].filter(Boolean).join(" ");
  };
  box.append(button, word, field);
  parentElement.append(box);
}
