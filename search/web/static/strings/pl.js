// What the box says in Polish.
export default {
  label: "Szukaj we wpisach",
  search: "Szukaj",
  close: "Zamknij",
  found: "Znalezione wpisy",
  count: { one: "{n} wpis", few: "{n} wpisy", many: "{n} wpisów", other: "{n} wpisu" },
  none: "Brak wpisów dla „{q}”",
  help: "Spróbuj użyć innych słów i sprawdź pisownię.",
  instead: "Wpisy dla „{q}”",
  typed: "Szukaj dokładnie „{q}”",
  without: "bez {q}",
  all: "Pokaż wszystkie wpisy ({n})",
  failed: "Wyszukiwarka chwilowo nie odpowiada.",
  offline: "Jesteś offline.",
  retry: "Spróbuj ponownie",
};
