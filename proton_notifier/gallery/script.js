
"use strict";
{
  const root = document.documentElement;
  const filters = document.querySelector(".filters");
  const chips = [...filters.querySelectorAll("[data-severity]")];
  const selects = [...filters.querySelectorAll("select")];
  const theme = document.querySelector(".theme");
  const exhibits = [...document.querySelectorAll(".exhibit")].map((element) => ({
    element,
    values: {
      severity: JSON.parse(element.dataset.severities),
      source: JSON.parse(element.dataset.sources),
      resource: JSON.parse(element.dataset.resources),
    },
  }));
  const views = [...new Set([...document.querySelectorAll(".panel")].map((panel) => panel.dataset.view))];
  const dark = matchMedia("(prefers-color-scheme: dark)");

  // The possible choices, the default first; the address keeps the others after its #.
  const choices = {
    severity: chips.map((chip) => chip.dataset.severity),
    ...Object.fromEntries(selects.map((select) => [select.name, [...select.options].map((option) => option.value)])),
    view: views,
    theme: ["", "light", "dark"],
  };
  const state = {};

  const matches = (exhibit, wanted) =>
    Object.entries(exhibit.values).every(([name, values]) => !wanted[name] || values.includes(wanted[name]));
  const number = (change) => exhibits.filter((each) => matches(each, { ...state, ...change })).length;

  function read() {
    const written = new URLSearchParams(location.hash.slice(1));
    for (const [name, values] of Object.entries(choices)) {
      state[name] = values.includes(written.get(name)) ? written.get(name) : values[0];
    }
    show();
    document.getElementById(location.hash.slice(1))?.scrollIntoView();
  }

  function choose(change) {
    Object.assign(state, change);
    const chosen = Object.entries(state).filter(([name, value]) => value !== choices[name][0]);
    const hash = new URLSearchParams(chosen).toString();
    history.replaceState(null, "", hash ? "#" + hash : location.pathname + location.search);
    show();
  }

  function show() {
    for (const exhibit of exhibits) {
      exhibit.element.hidden = !matches(exhibit, state);
    }
    for (const chip of chips) {
      chip.setAttribute("aria-pressed", String(chip.dataset.severity === state.severity));
      chip.querySelector(".number").textContent = number({ severity: chip.dataset.severity });
    }
    for (const select of selects) {
      for (const option of select.options) {
        option.textContent = `${option.dataset.label ?? "All"} (${number({ [select.name]: option.value })})`;
      }
      select.value = state[select.name];
    }
    const shown = number({});
    filters.querySelector(".shown").textContent = `${shown} of ${exhibits.length} events`;
    document.querySelector(".none").hidden = shown > 0;
    for (const panel of document.querySelectorAll(".panel")) {
      panel.hidden = panel.dataset.view !== state.view;
    }
    for (const tab of document.querySelectorAll("[role=tab]")) {
      tab.setAttribute("aria-selected", String(tab.dataset.view === state.view));
      tab.tabIndex = tab.dataset.view === state.view ? 0 : -1;
    }
    root.dataset.theme = state.theme;
    theme.textContent = isDark() ? "Light" : "Dark";
  }

  function isDark() {
    return state.theme ? state.theme === "dark" : dark.matches;
  }

  // Every event changes to the chosen view, and the events above change their height; the clicked tab stays in its place.
  function look(tab, view) {
    const before = tab.getBoundingClientRect().top;
    choose({ view });
    scrollBy({ top: tab.getBoundingClientRect().top - before, behavior: "instant" });
  }

  // Slack's words for dates and times, docs.slack.dev, formatting text for app surfaces.
  const written = (options) => (moment) => new Intl.DateTimeFormat("en-US", options).format(moment);
  const short = written({ dateStyle: "medium" });
  const noon = (moment) => new Date(moment).setHours(12, 0, 0, 0);
  const tokens = {
    date_short: short,
    date_short_pretty: (moment) => {
      const days = Math.round((noon(moment) - noon(Date.now())) / 86_400_000);
      return Math.abs(days) > 1 ? short(moment) : new Intl.RelativeTimeFormat("en", { numeric: "auto" }).format(days, "day");
    },
    time: written({ timeStyle: "short" }),
    time_secs: written({ timeStyle: "medium" }),
  };
  for (const time of document.querySelectorAll("time[data-format]")) {
    const moment = new Date(time.dateTime);
    time.textContent = time.dataset.format.replace(/\{(\w+)\}/g, (token, name) =>
      Object.hasOwn(tokens, name) ? tokens[name](moment) : token,
    );
  }

  for (const chip of chips) {
    chip.addEventListener("click", () => choose({ severity: chip.dataset.severity }));
  }
  for (const select of selects) {
    select.addEventListener("change", () => choose({ [select.name]: select.value }));
  }
  theme.addEventListener("click", () => choose({ theme: isDark() ? "light" : "dark" }));
  dark.addEventListener("change", show);
  addEventListener("hashchange", read);
  for (const tabs of document.querySelectorAll("[role=tablist]")) {
    tabs.hidden = false;
    tabs.addEventListener("click", (event) => {
      const tab = event.target.closest("[role=tab]");
      if (tab) look(tab, tab.dataset.view);
    });
    tabs.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = views[(views.indexOf(state.view) + step + views.length) % views.length];
      const tab = tabs.querySelector(`[data-view=${next}]`);
      look(tab, next);
      tab.focus({ preventScroll: true });
      event.preventDefault();
    });
  }
  for (const panel of document.querySelectorAll(".panel")) {
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", panel.id.replace(/\.(\w+)$/, ".tab.$1"));
  }
  filters.addEventListener("submit", (event) => event.preventDefault());
  root.classList.add("tabbed");
  filters.hidden = theme.hidden = false;
  read();
}
