// Public pages. Everything here has an equivalent without JavaScript.
import { Button, CharacterCount, ErrorSummary, SkipLink, createAll } from "govuk-frontend";
import { warnBeforeTheSessionEnds } from "./parts/session.mjs";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
for (const component of [Button, CharacterCount, ErrorSummary, SkipLink]) createAll(component);
warnBeforeTheSessionEnds(document.querySelector("[data-idle-minutes]"));
