// What the box says in Portuguese.
export default {
  label: "Pesquisar nas publicações",
  search: "Pesquisar",
  close: "Fechar",
  found: "Publicações encontradas",
  count: { one: "{n} publicação", other: "{n} publicações" },
  none: "Nenhuma publicação para “{q}”",
  help: "Tente com outras palavras, e verifique a ortografia.",
  instead: "Publicações para “{q}”",
  typed: "Pesquisar antes por “{q}”",
  without: "sem {q}",
  all: "Ver todas as {n} publicações",
  failed: "A pesquisa não está respondendo no momento.",
  offline: "Você está sem conexão.",
  retry: "Tentar novamente",
};
