// What the box says in Korean.
export default {
  label: "글 검색",
  search: "검색",
  close: "닫기",
  found: "찾은 글",
  count: { other: "글 {n}개" },
  none: "“{q}”에 대한 글이 없습니다",
  help: "다른 단어로 바꾸어 보고, 오타가 없는지 확인해 보세요.",
  instead: "“{q}”에 대한 글을 표시합니다",
  typed: "“{q}” 그대로 검색",
  without: "{q} 없이",
  all: "글 {n}개 모두 보기",
  failed: "지금은 검색이 응답하지 않습니다.",
  offline: "오프라인 상태입니다.",
  retry: "다시 시도",
};
