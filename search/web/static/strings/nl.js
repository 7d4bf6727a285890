// What the box says in Dutch.
export default {
  label: "Zoeken in de berichten",
  search: "Zoeken",
  close: "Sluiten",
  found: "Gevonden berichten",
  count: { one: "{n} bericht", other: "{n} berichten" },
  none: "Geen berichten voor “{q}”",
  help: "Probeer andere woorden, en let op typefouten.",
  instead: "Berichten voor “{q}”",
  typed: "Zoek in plaats daarvan naar “{q}”",
  without: "zonder {q}",
  all: "Alle {n} berichten tonen",
  failed: "Zoeken lukt op dit moment niet.",
  offline: "Je bent offline.",
  retry: "Opnieuw proberen",
};
