// What the box says in Spanish.
export default {
  label: "Buscar en las entradas",
  search: "Buscar",
  close: "Cerrar",
  found: "Entradas encontradas",
  count: { one: "{n} entrada", other: "{n} entradas" },
  none: "No hay entradas para «{q}»",
  help: "Prueba con otras palabras y revisa la ortografía.",
  instead: "Entradas para «{q}»",
  typed: "Buscar «{q}» en su lugar",
  without: "sin {q}",
  all: "Ver las {n} entradas",
  failed: "La búsqueda no responde en este momento.",
  offline: "No tienes conexión.",
  retry: "Reintentar",
};
