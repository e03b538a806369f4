// What holds on every page, whatever it says. Gives the faults as sentences.
({ language, prefix, failed }) => {
  const faults = [];
  const hold = (holds, fault) => holds || faults.push(fault);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const brief = (element) => element.outerHTML.replace(/\s+/g, " ").slice(0, 110);

  hold(document.documentElement.lang === language, `html lang is ${document.documentElement.lang}`);
  const title = document.title;
  hold(title.startsWith(prefix) === failed, `title: ${title}`);
  const headings = all("h1, h2, h3, h4, h5, h6").map((heading) => Number(heading.tagName[1]));
  hold(headings.filter((level) => level === 1).length === 1, `h1: ${headings}`);
  // A summary of errors stands above the h1, as the library's page frame has it.
  const below = headings.slice(headings.indexOf(1));
  below.forEach((level, i) => hold(i === 0 || level - below[i - 1] <= 1, `levels: ${below}`));
  hold(!document.querySelector("meta[http-equiv=refresh]"), "the page loads itself again");

  for (const element of all("*")) {
    hold(!element.hasAttribute("style"), `style: ${brief(element)}`);
    for (const { name, value } of element.attributes) {
      hold(!name.startsWith("on"), `${name}: ${brief(element)}`);
      hold(!/^\s*javascript:/i.test(value), `javascript: ${brief(element)}`);
    }
  }
  hold(!document.querySelector("style, script:not([src])"), "inline style or script");

  const summary = document.querySelector(".govuk-error-summary");
  hold(Boolean(summary) === failed, "error summary");
  if (summary) {
    hold(document.activeElement === summary, `focus is on ${brief(document.activeElement)}`);
    const targets = all("a", summary).map((link) => document.querySelector(link.hash));
    hold(targets.length > 0 && targets.every(Boolean), "an error leads nowhere");
    targets.filter(Boolean).forEach((target, i) => {
      hold(target.matches("input, select, textarea"), `no field: ${brief(target)}`);
      const after = i && targets[i - 1] && targets[i - 1].compareDocumentPosition(target);
      hold(i === 0 || after & Node.DOCUMENT_POSITION_FOLLOWING, "errors in another order than fields");
      const described = [target, target.closest("fieldset")].flatMap((each) => (each?.getAttribute("aria-describedby") ?? "").split(" "));
      hold(described.some((id) => document.getElementById(id)?.matches(".govuk-error-message")), `not told beside: ${brief(target)}`);
    });
  }
  if (document.querySelector(".sm-languages")) {
    const help = document.querySelector(".sm-footer a");
    hold(help?.getAttribute("href") === `/${language}/help`, "help is not the first link of the footer");
  }
  all("input[type=email]").forEach((field) => hold(["email", "username"].includes(field.autocomplete), `autocomplete: ${brief(field)}`));
  for (const table of all("table")) {
    hold(table.caption, `no caption: ${brief(table)}`);
    all("th", table).forEach((cell) => hold(cell.scope, `no scope: ${brief(cell)}`));
  }
  all(".sm-due").forEach((mark) => hold(/\p{L}|\d/u.test(mark.textContent), `colour alone: ${brief(mark)}`));

  const shown = (element) => element.checkVisibility({ visibilityProperty: true }) && element.getBoundingClientRect().width > 1;
  const inText = (link) => {
    const block = link.closest("p, li, dd, td, th, div, body");
    return link.matches("a") && block.textContent.trim().length > link.textContent.trim().length + 1;
  };
  for (const target of all("a[href], button, input:not([type=hidden]), select, textarea, summary").filter(shown)) {
    const { width, height } = target.getBoundingClientRect();
    hold((width >= 24 && height >= 24) || inText(target), `target ${Math.round(width)}x${Math.round(height)}: ${brief(target)}`);
  }
  return faults;
};
