// What makes the pages better: the reader's own time zone, keys, marking read, live updates.
// Nothing here is needed: every page works without it.
"use strict";

const FIRST_WAIT_MS = 250;
const REST_MS = 1500;
const READ_AFTER_MS = 800;
const POLL_MS = 5000;
const page = document.documentElement.lang;
const language = navigator.language.startsWith(page) ? navigator.language : page;

// Times come in UTC.
function localise(root) {
  for (const time of root.querySelectorAll("time[data-moment]")) {
    const at = new Date(time.dateTime);
    const full = at.toLocaleString(language, { dateStyle: "long", timeStyle: "short" });
    time.title = full;
    time.textContent = time.dataset.moment === "full" ? full : short(at);
  }
}

function short(at) {
  const now = new Date();
  if (at.toDateString() === now.toDateString()) {
    return at.toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" });
  }
  const year = at.getFullYear() === now.getFullYear() ? undefined : "numeric";
  return at.toLocaleDateString(language, { day: "numeric", month: "short", year });
}

// Keys: j and k walk the list, r answers, u goes back. They can be switched off (WCAG 2.1.4).
const keys = document.querySelector(".keys");
const useKeys = document.querySelector("#use-keys");
if (keys) {
  keys.hidden = false;
  useKeys.checked = localStorage.getItem("keys") !== "off";
  useKeys.addEventListener("change", () => {
    localStorage.setItem("keys", useKeys.checked ? "on" : "off");
  });
}

function walk(step) {
  const links = [...document.querySelectorAll("#rows .open")].filter((link) => link.offsetParent);
  const at = links.findIndex((link) => link === document.activeElement);
  const from = at >= 0 ? at : links.findIndex((link) => link.ariaCurrent === "true");
  const next = links[Math.max(0, Math.min(links.length - 1, from + step))];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

function answer() {
  const text = document.querySelector("#reply-text");
  text?.focus();
  text?.setSelectionRange(0, 0);
  text?.form.scrollIntoView({ block: "center" });
}

const ACTIONS = {
  j: () => walk(1),
  k: () => walk(-1),
  r: answer,
  u: () => document.querySelector("#back")?.click(),
};

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  const action = ACTIONS[event.key];
  if (!action || typing || event.ctrlKey || event.metaKey || event.altKey || !useKeys?.checked) return;
  event.preventDefault();
  action();
});

// The list stays where it was from page to page.
const list = document.querySelector(".list");
if (list) {
  const place = `list:${new URLSearchParams(location.search).get("folder") ?? ""}`;
  list.scrollTop = Number(sessionStorage.getItem(place));
  list.querySelector("[aria-current]")?.closest(".row").scrollIntoView({ block: "nearest" });
  window.addEventListener("pagehide", () => sessionStorage.setItem(place, list.scrollTop));
}

// A long conversation begins at the e-mail that was asked for.
const chosen = document.querySelector(".email.chosen:not(:first-child)");
if (chosen && !location.hash && chosen.getBoundingClientRect().bottom > innerHeight) chosen.scrollIntoView();

// What is open and was in sight for a moment is read.
const inSight = new IntersectionObserver((seen) => {
  for (const { isIntersecting, target } of seen) {
    if (isIntersecting) setTimeout(markRead, READ_AFTER_MS, target);
  }
});

async function markRead(article) {
  const form = article.querySelector(".fold[open] form[data-read]");
  if (!form) return;
  form.removeAttribute("data-read");
  inSight.unobserve(article);
  await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "manual" });
  soon();
}
const watch = (root) => root.querySelectorAll(".email:has(form[data-read])").forEach((each) => inSight.observe(each));

// Live: the page is asked for again and what changed is put in its place; nothing moves.
let newest = 0;
async function refresh() {
  const mine = ++newest;
  const answer = await fetch(location.href, { credentials: "same-origin" }).catch(() => null);
  if (!answer?.ok || answer.redirected || mine !== newest) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  localise(fresh);
  for (const old of document.querySelectorAll("[data-live]")) {
    const now = fresh.getElementById(old.id);
    if (now && !now.isEqualNode(old) && !old.contains(document.activeElement)) old.replaceWith(now);
  }
  document.title = fresh.title;
  addArticles(fresh);
  announce(fresh);
}

function addArticles(fresh) {
  const articles = document.querySelector("#articles");
  for (const article of fresh.querySelectorAll("#articles > .email")) {
    if (articles && !document.getElementById(article.id)) articles.append(article);
  }
  watch(document);
}

function announce(fresh) {
  const news = document.querySelector("#news");
  const rows = document.querySelector("#rows");
  if (!list?.hasAttribute("data-newest") || !news) return;
  const arrived = [...fresh.querySelectorAll("#rows > .row")].filter((row) => !document.getElementById(row.id));
  if (rows.children.length === 0 && arrived.length) return location.reload();
  const count = arrived.length;
  news.hidden = count === 0;
  const text = count === 1 ? news.dataset.one : news.dataset.many.replace("#", count);
  if (count && news.textContent !== text) news.textContent = text;
}

let due = null;
let last = 0;
function soon() {
  if (due) return;
  const wait = Math.max(FIRST_WAIT_MS, last + REST_MS - Date.now());
  due = setTimeout(() => { due = null; last = Date.now(); refresh(); }, wait);
}

// A browser allows few open lines to one server: a tab that nobody sees gives its line back.
let line = null;
function listen() {
  line = new EventSource("/api/v1/events");
  line.onopen = soon; // what happened between the page and the open line
  for (const kind of ["email", "counters", "reset"]) line.addEventListener(kind, soon);
}
if (document.querySelector("#folders")) {
  listen();
  document.addEventListener("visibilitychange", () => {
    line?.close();
    line = null;
    if (document.visibilityState === "visible") { listen(); soon(); }
  });
}
if (document.querySelector("[data-refresh]")) {
  setInterval(() => { if (document.visibilityState === "visible") refresh(); }, POLL_MS);
}

localise(document);
watch(document);
