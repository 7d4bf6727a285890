// What the box says in Japanese.
export default {
  label: "記事を検索",
  search: "検索",
  close: "閉じる",
  found: "見つかった記事",
  count: { other: "{n} 件の記事" },
  none: "「{q}」に一致する記事はありません",
  help: "別の語でお試しください。入力の誤りもご確認ください。",
  instead: "「{q}」の記事を表示しています",
  typed: "代わりに「{q}」を検索",
  without: "{q} なし",
  all: "{n} 件の記事をすべて表示",
  failed: "現在、検索が応答していません。",
  offline: "オフラインです。",
  retry: "再試行",
};
