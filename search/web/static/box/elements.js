// What the box is made of

export const SEARCH = "M11 11l3.5 3.5M12.5 7a5.5 5.5 0 1 1-11 0 5.5 5.5 0 0 1 11 0Z";
export const CROSS = "M4 4l8 8M12 4l-8 8";

const SVG = "http://www.w3.org/2000/svg";

/** An element; its class is its part too. */
export function make(tag, name = "", attributes = {}, ...children) {
  const element = document.createElement(tag);
  element.className = element.part = name;
  for (const key in attributes) if (attributes[key]) element.setAttribute(key, attributes[key]);
  element.append(...children);
  return element;
}

/** A picture of lines on 16 by 16 px. */
export function icon(lines) {
  const [svg, path] = ["svg", "path"].map((tag) => document.createElementNS(SVG, tag));
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", lines);
  svg.append(path);
  return svg;
}

/** The whole address, or "" if it leads to no page. */
export function safe(href) {
  const link = make("a", "", { href });
  return /^http/.test(link.protocol) ? link.href : "";
}
