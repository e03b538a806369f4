// Whether the element that has focus is the wanted one, and whether the one before it looked any different
// while it had focus: outline, shadow, ground, edge or colour, of itself or of its drawn box.
(selector) => {
  const LOOKS = ["outlineStyle", "outlineColor", "boxShadow", "backgroundColor", "borderTopColor", "borderTopWidth", "color"];
  const look = (element) =>
    [getComputedStyle(element), element.labels?.[0] && getComputedStyle(element.labels[0], "::before")]
      .filter(Boolean)
      .map((style) => LOOKS.map((name) => style[name]).join(" "))
      .join(" | ");
  const before = window.focusBefore;
  const now = document.activeElement;
  let unseen = "";
  if (before && before.element !== now && before.element.isConnected && look(before.element) === before.look)
    unseen = before.element.outerHTML.slice(0, 120);
  window.focusBefore = now && now !== document.body ? { element: now, look: look(now) } : undefined;
  return { unseen, there: Boolean(now?.matches(selector)) };
};
