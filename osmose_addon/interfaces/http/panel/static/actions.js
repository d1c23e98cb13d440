/** Actions: asked for by buttons, done at once, undone by a toast. */

const root = document.documentElement.dataset.root;
const words = JSON.parse(document.body.dataset.words);

async function act(action, argument, value) {
  const body = JSON.stringify(argument ? { [argument]: value } : {});
  const headers = { "Content-Type": "application/json", "X-Osmose": "panel" };
  const answer = await fetch(`${root}api/actions/${action}`, { method: "POST", headers, body }).catch(() => null);
  if (answer?.ok) return "";
  const problem = await answer?.json().catch(() => null);
  return [problem?.title ?? words.failed, problem?.detail ?? ""].join(" ").trim();
}

/** Do what a button says, tell that it is done, and offer to undo it; `onDone` has the page look again. */
export async function press(button, onDone) {
  const { action, argument, value, undo, undoArgument, undoValue } = button.dataset;
  button.setAttribute("aria-busy", "true");
  const problem = await act(action, argument, value);
  button.removeAttribute("aria-busy");
  document.getElementById("more")?.close();
  if (problem) return toast(problem);
  const again = undo && (() => act(undo, undoArgument, undoValue));
  toast(words[`done_${action}`] ?? "", again);
  onDone();
}

let toastTimer;

/** Say something for a while, with a button to undo it, or to put it away. */
export function toast(text, undo) {
  const box = document.getElementById("toast");
  if (!text) return;
  box.replaceChildren(Object.assign(document.createElement("span"), { textContent: text }));
  const button = Object.assign(document.createElement("button"), { type: "button", className: "button" });
  button.textContent = undo ? words.undo : words.close;
  button.onclick = async () => {
    box.hidePopover();
    const problem = undo ? await undo() : "";
    if (problem) toast(problem);
  };
  box.append(button);
  box.showPopover();
  const wait = () => {
    clearTimeout(toastTimer);
    toastTimer = setTimeout(() => (box.matches(":hover, :focus-within") ? wait() : box.hidePopover()), 8000);
  };
  wait();
}
