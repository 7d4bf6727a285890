// What the box says in Chinese.
export default {
  label: "搜索文章",
  search: "搜索",
  close: "关闭",
  found: "找到的文章",
  count: { other: "{n} 篇文章" },
  none: "没有与“{q}”相关的文章",
  help: "请更换关键词，并检查是否有错别字。",
  instead: "正在显示“{q}”的文章",
  typed: "仍然搜索“{q}”",
  without: "不限 {q}",
  all: "显示全部 {n} 篇文章",
  failed: "搜索暂时没有响应。",
  offline: "您已离线。",
  retry: "重试",
};
