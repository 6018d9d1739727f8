"use strict";
// All of the page can be read without this script. It hides optimizers in the figures, and reads values under the pointer.

const hidden = new Set();

// hide shows which optimizers are hidden.
function hide() {
	for (const button of document.querySelectorAll(".keys button"))
		button.setAttribute("aria-pressed", !JSON.parse(button.dataset.names).some((name) => hidden.has(name)));
	for (const mark of document.querySelectorAll("[data-series], [data-legend]"))
		mark.classList.toggle("hidden", hidden.has(mark.dataset.series) || hidden.has(mark.dataset.legend));
}

// points are those of a line: "M x y l dx dy dx dy ...", with a move for each part.
function points(path) {
	const all = [];
	for (const part of path.getAttribute("d").split("M").slice(1)) {
		const numbers = part.match(/-?[\d.]+/g).map(Number);
		let x = 0, y = 0;
		for (let i = 0; i + 1 < numbers.length; i += 2) all.push([x += numbers[i], y += numbers[i + 1]]);
	}
	return all;
}

// height is that of a line at a place, or nothing where it is not.
function height(line, x) {
	for (let i = 1; i < line.length; i++) {
		const [x0, y0] = line[i - 1], [x1, y1] = line[i];
		if (x0 <= x && x <= x1) return x1 > x0 ? y0 + (y1 - y0) * (x - x0) / (x1 - x0) : y1;
	}
}

// value is what stands at a share of an axis: "log" or "linear", its low and its high end.
function value(axis, share) {
	const [kind, low, high] = axis.split(" ");
	return kind === "log" ? low * (high / low) ** share : +low + (high - low) * share;
}

const short = (x) => Math.abs(x) >= 1e5 || (x !== 0 && Math.abs(x) < 1e-3) ? x.toExponential(2) : String(+x.toPrecision(4));

// wire makes the keys answer to the reader.
function wire() {
	for (const keys of document.querySelectorAll(".keys")) {
		keys.hidden = false;
		for (const button of keys.querySelectorAll("button")) {
			button.addEventListener("click", () => {
				const show = button.getAttribute("aria-pressed") !== "true";
				for (const name of JSON.parse(button.dataset.names)) show ? hidden.delete(name) : hidden.add(name);
				hide();
			});
		}
	}
}

// linesOf are the names and the points of the lines of a figure.
const known = new WeakMap();
function linesOf(svg) {
	if (!known.has(svg))
		known.set(svg, [...svg.querySelectorAll("path[data-series][fill=none][stroke-width]:not([opacity])")].map((p) => [p.dataset.series, points(p)]));
	return known.get(svg);
}

// read is what a figure has at a place of the window; nothing where that is not in its frame.
function read(svg, clientX, clientY) {
	const frame = svg.querySelector("[data-frame]"), views = svg.closest(".views");
	if (!frame) return "";
	const [left, top, right, bottom] = frame.dataset.frame.split(" ").map(Number);
	const at = new DOMPoint(clientX, clientY).matrixTransform(svg.getScreenCTM().inverse());
	if (at.x < left || at.x > right || at.y < top || at.y > bottom) return "";
	const y = (h) => value(frame.dataset.y, (bottom - h) / (bottom - top));
	const curves = ["curves", "sensitivity", "budget"].includes(views.dataset.kind);
	const all = curves ? linesOf(svg).filter(([name]) => !hidden.has(name)).map(([name, line]) => [name, height(line, at.x)]).filter(([, h]) => h !== undefined) : [];
	all.sort((a, b) => a[1] - b[1]);
	const nearest = all.length > 8 ? all.toSorted((a, b) => Math.abs(a[1] - at.y) - Math.abs(b[1] - at.y)).slice(0, 8) : all;
	const rows = all.filter((r) => nearest.includes(r)).map(([name, h]) => short(y(h)) + "  " + name);
	const axis = views.dataset.axis ?? views.querySelector("#curves [name$=-axis]:checked + span")?.textContent ?? "at";
	return [axis + " " + short(value(frame.dataset.x, (at.x - left) / (right - left))) + (curves ? "" : ", " + short(y(at.y))), ...rows].join("\n");
}

// point shows what is under the pointer, and no longer what was.
let pointer, told;
function point(element, clientX, clientY) {
	const svg = element?.closest?.("figure.view svg.figure"), figure = svg?.closest("figure"), readout = figure?.querySelector(".readout");
	if (told && told !== readout) told.textContent = "";
	told = readout;
	pointer = [clientX, clientY];
	if (!readout) return;
	readout.textContent = read(svg, clientX, clientY);
	const box = figure.getBoundingClientRect(), onTheRight = clientX - box.left > box.width / 2;
	readout.style.left = onTheRight ? "auto" : clientX - box.left + 16 + "px";
	readout.style.right = onTheRight ? box.right - clientX + 16 + "px" : "auto";
	readout.style.top = clientY - box.top + 12 + "px";
}

// pointAgain is for what stands in the place of a figure that the pointer was over.
function pointAgain() {
	if (told) point(document.elementFromPoint(...pointer), ...pointer);
}

document.addEventListener("pointermove", (event) => point(event.target, event.clientX, event.clientY));
document.documentElement.addEventListener("pointerleave", () => point());
wire();
