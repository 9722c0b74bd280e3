// The knock-out bracket as a picture, and the podium.
"use strict";

import { make, timeText } from "./words.js";

export function bracketOf(bracket) {
  const rounds = Array.from({ length: bracket.rounds }, (_, k) => bracket.matches.filter((match) => match.round === k + 1 && match.key !== "third"));
  const third = bracket.matches.find((match) => match.key === "third");
  const columns = rounds.map((matches, k) => make("div", { class: "round" }, [make("h2", {}, [nameOf(matches, rounds.length - k)]), make("ol", {}, matches.map((match) => make("li", {}, [matchOf(match)])))]));
  if (third) columns[columns.length - 1].append(make("div", { class: "third" }, [make("h2", {}, ["Third place"]), matchOf(third)]));
  return make("section", { id: "bracket", "aria-label": "Bracket", "data-size": String(2 ** bracket.rounds) }, columns);
}

function nameOf(matches, left) {
  return { 1: "Final", 2: "Semi-finals", 3: "Quarter-finals" }[left] ?? `Round of ${matches.length * 2}`;
}

function matchOf(match) {
  const classes = ["match", match.is_on ? "is-on" : "", match.is_bye ? "is-bye" : ""].filter(Boolean).join(" ");
  const sides = match.sides.map((side) => {
    if (!side) return make("div", { class: "side open" }, [match.is_bye ? "bye" : "–"]);
    return make("div", { class: side.is_winner ? "side winner" : match.is_decided ? "side loser" : "side" }, [make("span", { class: "seed" }, [String(side.seed)]), make("span", { class: "name" }, [side.name]), make("span", { class: "note-time" }, [side.is_winner && !match.is_bye ? `✓ ${side.time_ms ? timeText(side.time_ms) : ""}` : side.time_ms ? timeText(side.time_ms) : ""])]);
  });
  return make("div", { class: classes }, [...sides, ...(match.is_on ? [make("span", { class: "on-badge" }, ["on now"])] : [])]);
}

export function podiumOf(names) {
  const step = (place) => names[place - 1] === undefined ? null : make("li", { class: `step step-${place}` }, [make("span", { class: "podium-name" }, [names[place - 1]]), make("div", { class: "block" }, [String(place)])]);
  return make("section", { id: "podium", "aria-label": "Podium" }, [make("h2", {}, [`${names[0]} wins`]), make("ol", {}, [step(2), step(1), step(3)].filter(Boolean))]);
}

export function resultOf(heat) {
  const rows = heat.places.map((place) => make("tr", { class: `place-${place.rank}` }, [make("td", { class: "col-rank" }, [make("span", { class: "rank" }, [String(place.rank)])]), make("td", { class: "racer" }, [make("div", { class: "who" }, [make("span", { class: "name" }, [place.name])])]), make("td", { class: "time" }, [place.time_ms ? timeText(place.time_ms) : place.best_lap_ms ? timeText(place.best_lap_ms) : place.status]), make("td", { class: "gap" }, [place.gap_ms ? `+${(place.gap_ms / 1000).toFixed(3)}` : ""])]));
  const head = ["Rank", "Racer", "Time", "Gap"].map((title) => make("th", { scope: "col", class: `col-${title.toLowerCase()}` }, [title]));
  return make("section", { id: "result", "aria-label": "Result of the heat" }, [make("h2", {}, [`Result: ${heat.title}`]), make("table", {}, [make("thead", {}, [make("tr", {}, head)]), make("tbody", {}, rows)])]);
}
