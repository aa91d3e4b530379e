
"use strict";
{
  const root = document.documentElement;
  const pane = document.querySelector(".pane");
  const theme = document.querySelector(".theme");
  const search = document.querySelector("[type=search]");
  const selects = [...document.querySelectorAll("select")];
  const rows = [...document.querySelectorAll(".index li")].map((element) => ({
    element,
    link: element.firstElementChild,
    text: element.textContent.toLowerCase(),
    events: JSON.parse(element.dataset.events),
  }));
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const wide = matchMedia("(min-width: 60rem), print");
  const names = [...selects.map((select) => select.name), "search", "event", "view", "theme"];
  let drawn;
  let opened;
  let state = {};

  // The fragment of the URL stores the choices.
  function read() {
    const written = new URLSearchParams(location.hash.slice(1));
    state = Object.fromEntries(names.map((name) => [name, written.get(name) ?? ""]));
    show();
  }

  function choose(change, { isPage = false } = {}) {
    Object.assign(state, change);
    const chosen = new URLSearchParams(Object.entries(state).filter(([, value]) => value)).toString();
    const address = chosen ? `#${chosen}` : location.pathname + location.search;
    history[isPage ? "pushState" : "replaceState"](null, "", address);
    show();
  }

  // The ids of a row's events that match.
  function matching(row, wanted) {
    if (!wanted.search.toLowerCase().split(/\s+/).every((word) => row.text.includes(word))) return [];
    const events = row.events.filter((event) => selects.every(({ name }, column) => [event[column], ""].includes(wanted[name])));
    return events.map((event) => event.at(-1));
  }

  // An event that several rows show is counted once.
  const total = (change) => new Set(rows.flatMap((row) => matching(row, { ...state, ...change }))).size;

  function show() {
    for (const row of rows) {
      row.element.hidden = !matching(row, state).length;
    }
    for (const select of selects) {
      for (const option of select.options) {
        option.textContent = option.dataset.label;
        if (option.value) option.textContent += ` (${total({ [select.name]: option.value })})`;
      }
      select.value = state[select.name];
    }
    search.value = state.search;
    const all = total({ search: "", ...Object.fromEntries(selects.map(({ name }) => [name, ""])) });
    document.querySelector(".shown").textContent = `${total({})} of ${all} events`;
    document.querySelector(".index .nothing").hidden = total({}) > 0;
    root.dataset.theme = state.theme;
    theme.textContent = isDark() ? "Light" : "Dark";
    open();
  }

  function isDark() {
    return state.theme ? state.theme === "dark" : dark.matches;
  }

  // A wide window always has an open exhibit.
  function open() {
    const first = wide.matches ? rows.find((row) => !row.element.hidden) : undefined;
    const chosen = rows.find((row) => row.link.dataset.event === state.event) ?? first;
    for (const row of rows) {
      row.link.ariaCurrent = row === chosen ? "true" : null;
    }
    root.classList.toggle("opened", Boolean(chosen));
    if (chosen !== opened) {
      const last = opened;
      opened = chosen;
      drawn ??= JSON.parse(document.getElementById("exhibits").textContent);
      pane.innerHTML = chosen ? drawn[chosen.link.dataset.event] : "";
      if (!wide.matches) (chosen ? pane.querySelector("h2") : last.link).focus();
      (wide.matches ? pane : root).scrollTo({ top: chosen ? 0 : last?.link.offsetTop ?? 0, behavior: "instant" });
      move();
    }
    look();
  }

  function look() {
    const tabs = [...pane.querySelectorAll("[role=tab]")];
    const shown = tabs.find((tab) => tab.dataset.view === state.view) ?? tabs[0];
    for (const tab of tabs) {
      tab.ariaSelected = String(tab === shown);
      tab.tabIndex = tab === shown ? 0 : -1;
      document.getElementById(tab.dataset.view).hidden = tab !== shown;
    }
  }

  // Show the state of a story at the slider's moment.
  function move() {
    const slider = pane.querySelector("[type=range]");
    if (!slider) return;
    const at = Number(slider.value);
    const moments = [...pane.querySelectorAll("[data-moment]")];
    for (const [position, moment] of moments.entries()) {
      moment.ariaCurrent = position === at ? "step" : null;
      moment.classList.toggle("later", position > at);
    }
    for (const message of pane.querySelectorAll(".message")) {
      const { since, until } = message.dataset;
      message.hidden = at < since || at >= (until ?? Infinity);
    }
    for (const divider of pane.querySelectorAll(".replies")) {
      let replies = 0;
      for (let each = divider.nextElementSibling; each?.matches(".reply"); each = each.nextElementSibling) {
        replies += !each.hidden;
      }
      divider.textContent = replies === 1 ? "1 reply" : `${replies} replies`;
      divider.hidden = !replies;
    }
    slider.ariaValueText = pane.querySelector("output").textContent = moments[at].firstElementChild.textContent;
  }

  search.addEventListener("input", () => choose({ search: search.value }));
  for (const select of selects) {
    select.addEventListener("change", () => choose({ [select.name]: select.value }));
  }
  theme.addEventListener("click", () => choose({ theme: isDark() ? "light" : "dark" }));
  for (const row of rows) {
    row.link.addEventListener("click", (event) => {
      event.preventDefault();
      choose({ event: row.link.dataset.event }, { isPage: true });
    });
  }
  pane.addEventListener("click", (event) => {
    const clicked = event.target.closest("[data-view], [data-moment], .back");
    if (clicked?.matches("[role=tab]")) choose({ view: clicked.dataset.view });
    if (clicked?.matches("[data-moment]")) {
      pane.querySelector("[type=range]").value = clicked.dataset.moment;
      move();
    }
    if (clicked?.matches(".back")) {
      event.preventDefault();
      choose({ event: "" }, { isPage: true });
    }
  });
  pane.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step || !event.target.matches("[role=tab]")) return;
    const tabs = [...pane.querySelectorAll("[role=tab]")];
    const next = tabs.at((tabs.indexOf(event.target) + step) % tabs.length);
    choose({ view: next.dataset.view });
    next.focus();
    event.preventDefault();
  });
  pane.addEventListener("input", move);
  dark.addEventListener("change", show);
  wide.addEventListener("change", show);
  addEventListener("popstate", read);
  document.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
  // The exhibits come after this script in the file, so that the browser shows the index before they are loaded.
  addEventListener("DOMContentLoaded", read);
}
