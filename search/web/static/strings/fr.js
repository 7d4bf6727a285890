// What the box says in French.
export default {
  label: "Rechercher dans les articles",
  search: "Rechercher",
  close: "Fermer",
  found: "Articles trouvés",
  count: { one: "{n} article", other: "{n} articles" },
  none: "Aucun article pour « {q} »",
  help: "Essayez avec d’autres mots, et vérifiez l’orthographe.",
  instead: "Articles pour « {q} »",
  typed: "Rechercher plutôt « {q} »",
  without: "sans {q}",
  all: "Afficher les {n} articles",
  failed: "La recherche ne répond pas pour le moment.",
  offline: "Vous êtes hors ligne.",
  retry: "Réessayer",
};
