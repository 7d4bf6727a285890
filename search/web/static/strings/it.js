// What the box says in Italian.
export default {
  label: "Cerca negli articoli",
  search: "Cerca",
  close: "Chiudi",
  found: "Articoli trovati",
  count: { one: "{n} articolo", other: "{n} articoli" },
  none: "Nessun articolo per «{q}»",
  help: "Prova con altre parole, e controlla l’ortografia.",
  instead: "Articoli per «{q}»",
  typed: "Cerca invece «{q}»",
  without: "senza {q}",
  all: "Mostra tutti i {n} articoli",
  failed: "La ricerca al momento non risponde.",
  offline: "Sei offline.",
  retry: "Riprova",
};
