// WCAG 2.2.1: a warning two minutes before the session ends, and one button to go on.
const WARNING_MINUTES = 2;

/** Fills the live region of `frame` in time; its button saves the form of the page, which starts the time anew. */
export function warnBeforeTheSessionEnds(frame) {
  const form = document.querySelector("form[data-keep]");
  const region = frame?.querySelector("[data-warning]");
  if (!region || !form) return;
  const minutes = Number(frame.dataset.idleMinutes) - WARNING_MINUTES;
  setTimeout(() => region.append(sentence(region.dataset.warning), button(region.dataset.stay, form)), minutes * 60_000);
}

function sentence(text) {
  const paragraph = document.createElement("p");
  paragraph.textContent = text;
  return paragraph;
}

function button(text, form) {
  const element = document.createElement("button");
  element.type = "submit";
  element.name = "keep";
  element.value = "1";
  element.className = "govuk-button govuk-button--secondary";
  element.textContent = text;
  element.setAttribute("form", form.id);
  element.formNoValidate = true;
  return element;
}
