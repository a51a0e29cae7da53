// Helps where it can: keys for lists, a word before leaving what was written, a word when the line is gone.
// Every page works without it. It keeps nothing but whether keys are wanted, nothing of a form least of all, and
// reads no wording of its own: what it shows is on the page already, hidden.
"use strict";
(() => {
  const first = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  // --- offline -----------------------------------------------------------------------------------
  const offline = first(".offline");
  const tell = () => { if (offline) offline.hidden = navigator.onLine; };
  window.addEventListener("online", tell);
  window.addEventListener("offline", tell);
  tell();

  // --- sending ---------------------------------------------------------------------------------------
  // A page that cannot be reached takes the place of this one, and what was written is gone: pages are kept
  // nowhere. So a form leaves only once the other side has answered; else it stays as it is, and that is said.
  const sending = first(".sending");
  const unsent = first(".unsent");
  const PATIENCE = 20000;
  const answers = (then) => {
    const probe = new Image();
    const late = setTimeout(() => end(false), PATIENCE);
    let ended = false;
    const end = (answered) => {
      if (ended) return;
      ended = true;
      clearTimeout(late);
      then(answered);
    };
    probe.onload = () => end(true);
    probe.onerror = () => end(false);
    probe.src = `${sending.dataset.probe}?${Date.now()}`;
  };

  let written = false;
  let sent = false;
  let answered = false;
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (form && form.method === "post" && event.target.type !== "checkbox") written = true;
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    // A form that gives a file leaves the page where it is.
    if (form.method !== "post" || form.hasAttribute("data-stays")) return;
    if (answered || !form.requestSubmit) {
      written = answered = false;
      sent = true;
      // A form that was answered with a file has not left the page.
      setTimeout(() => { sent = false; sending.hidden = true; }, PATIENCE);
      return;
    }
    event.preventDefault();
    // A second press on a slow line would be refused as a conflict.
    if (sent) return;
    sent = true;
    unsent.hidden = true;
    sending.hidden = false;
    answers((found) => {
      if (found) {
        answered = true;
        form.requestSubmit(event.submitter);
        return;
      }
      sent = false;
      sending.hidden = true;
      unsent.hidden = false;
    });
  });
  window.addEventListener("pageshow", () => { sent = answered = false; sending.hidden = true; });
  window.addEventListener("beforeunload", (event) => { if (written) event.preventDefault(); });

  // --- printing -------------------------------------------------------------------------------------
  // What is folded away would be missing on paper, and nobody could tell.
  let unfolded = [];
  window.addEventListener("beforeprint", () => {
    unfolded = all("main details:not([open], .behind, .step, .filter-box)");
    unfolded.forEach((one) => { one.open = true; });
  });
  window.addEventListener("afterprint", () => { unfolded.forEach((one) => { one.open = false; }); });
  for (const button of all("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }

  // --- keys -----------------------------------------------------------------------------------------
  const help = first("#keys");
  if (!help) return;
  const KEPT = "miaohu.keys";
  const rows = all("[data-row]");
  const opener = first("[data-keys-open]");
  const wanted = first("[data-keys-wanted]", help);
  wanted.checked = localStorage.getItem(KEPT) !== "off";
  wanted.addEventListener("change", () => localStorage.setItem(KEPT, wanted.checked ? "on" : "off"));

  const showHelp = (open) => {
    help.hidden = !open;
    opener.setAttribute("aria-expanded", String(open));
    if (open) help.focus();
    else opener.focus();
  };
  opener.hidden = false;
  opener.addEventListener("click", () => showHelp(help.hidden));

  const here = () => rows.findIndex((row) => row.contains(document.activeElement));
  const go = (step) => {
    if (!rows.length) return;
    const at = here();
    const next = at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + step, 0), rows.length - 1);
    const link = first("a", rows[next]);
    link.focus();
    rows[next].scrollIntoView({ block: "nearest" });
  };
  const press = (selector) => {
    const row = rows[here()];
    const found = (row && first(selector, row)) || (rows.length ? null : first(selector));
    if (found) found.click();
  };
  const toStep = () => {
    const step = first("details.step[data-decides]") || first("details.step[open]") || first("details.step");
    if (!step) return;
    step.open = true;
    const field = first('input:not([type="hidden"]), select, textarea', step);
    (field || first("summary", step)).focus();
  };
  const toSearch = () => {
    const search = first("[data-search]");
    if (!search) return;
    const fold = search.closest("details");
    if (fold) fold.open = true;
    search.focus();
  };
  const KEYS = {
    j: () => go(1),
    k: () => go(-1),
    o: () => { const row = rows[here()]; if (row) first("a", row).click(); },
    c: () => press("[data-claim]"),
    x: () => press("[data-pick]"),
    n: () => { const next = first("[data-take-next]"); if (next) next.click(); },
    d: toStep,
    "/": toSearch,
    "?": () => showHelp(help.hidden),
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !help.hidden) { showHelp(false); return; }
    const inField = event.target.closest('input:not([type="checkbox"]):not([type="radio"]), select, textarea');
    if (!wanted.checked || inField || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const act = KEYS[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
})();
