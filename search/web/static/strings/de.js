// What the box says in German.
export default {
  label: "Beiträge durchsuchen",
  search: "Suchen",
  close: "Schließen",
  found: "Gefundene Beiträge",
  count: { one: "{n} Beitrag", other: "{n} Beiträge" },
  none: "Keine Beiträge zu „{q}“",
  help: "Versuchen Sie es mit anderen Wörtern, und achten Sie auf Tippfehler.",
  instead: "Beiträge zu „{q}“",
  typed: "Stattdessen nach „{q}“ suchen",
  without: "ohne {q}",
  all: "Alle {n} Beiträge zeigen",
  failed: "Die Suche antwortet gerade nicht.",
  offline: "Sie sind offline.",
  retry: "Erneut versuchen",
};
