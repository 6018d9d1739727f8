"use strict";
// What changes while runs go on: the server tells it as events, and where there is another report it is fetched and takes the place of the one that is shown.

const live = document.getElementById("live"), connection = document.getElementById("connection"), spoken = document.getElementById("spoken");
// Where the page is only read there is no button.
const button = document.getElementById("stop"), sure = document.getElementById("sure"), stopped = document.getElementById("told");
let source, shown = Number(live.dataset.report), wanted = shown, fetching = false, ended = false;

// say tells those who cannot see the counts, but not all the time.
let saying = "", lastSaid = 0;
function say(text) {
	if (text === saying || Date.now() - lastSaid < 15000) return;
	saying = spoken.textContent = text;
	lastSaid = Date.now();
}

function tell(text, lost) {
	connection.textContent = text;
	live.classList.toggle("lost", lost);
}

function hear(message) {
	const event = JSON.parse(message.data);
	if (event.server !== live.dataset.server) { // another program answers at this address
		location.reload();
		return;
	}
	tell("", false);
	for (const [name, html] of Object.entries(event.parts ?? {})) // the server escaped what stands in it
		for (const place of live.querySelectorAll(`[data-part="${name}"]`)) place.innerHTML = html;
	if (event.parts?.curves !== undefined) {
		hide();
		pointAgain();
	}
	say(event.spoken);
	if (button) {
		button.hidden = !event.makers;
		button.parentElement.hidden = button.hidden && !stopped.textContent;
	}
	wanted = event.report;
	renew();
	if (event.finished) {
		ended = true;
		source.close();
		tell("The program has ended. This is how things stood at last.", false);
	}
}

// locate finds again what the reader is at when the report is another.
function locate(element) {
	if (!element || element === document.body) return "";
	if (element.id) return "#" + CSS.escape(element.id);
	for (const attribute of ["aria-label", "data-names"])
		if (element.hasAttribute(attribute)) return `${element.localName}[${attribute}="${CSS.escape(element.getAttribute(attribute))}"]`;
	if (element.name) return `input[name="${CSS.escape(element.name)}"].${element.className}`;
	return "";
}

// renew fetches the report if there is another one, unless the reader is selecting in it.
async function renew() {
	if (fetching || wanted <= shown || !getSelection().isCollapsed) return;
	fetching = true;
	try {
		const answer = await fetch("./", { cache: "no-store" });
		if (!answer.ok) return;
		const page = new DOMParser().parseFromString(await answer.text(), "text/html");
		swap(page);
		shown = Number(page.getElementById("live").dataset.report);
	} catch { // the connection is lost, which the events tell
	} finally {
		fetching = false;
	}
}

// swap shows another report in place of the one that is shown, with what the reader chose and where the reader is.
function swap(page) {
	const chosen = [...document.querySelectorAll("main input:checked")].map(locate), focused = locate(document.activeElement);
	const marks = [...document.querySelectorAll("#live, main section")], mark = marks.findLast((m) => m.getBoundingClientRect().top <= innerHeight / 3) ?? marks[0];
	const at = locate(mark), top = mark.getBoundingClientRect().top;
	for (const part of ["main", "nav"]) document.querySelector(part).replaceChildren(...page.querySelector(part).childNodes);
	for (const one of chosen) {
		const input = one && document.querySelector("main " + one);
		if (input) input.checked = true;
	}
	wire();
	hide();
	pointAgain();
	if (document.activeElement === document.body && focused) document.querySelector(focused)?.focus({ preventScroll: true });
	const moved = document.querySelector(at);
	if (moved) scrollBy({ top: moved.getBoundingClientRect().top - top, behavior: "instant" });
}

// listen is told what changes as long as the page is seen: browsers allow only some such connections.
function listen() {
	source?.close();
	source = undefined;
	if (document.hidden || ended) return;
	source = new EventSource("events");
	source.addEventListener("message", hear);
	source.addEventListener("error", () => {
		const again = source.readyState !== EventSource.CLOSED;
		tell("The connection is lost" + (again ? ", and is tried again" : "") + ". This is how things stood at last.", true);
	});
}

button?.addEventListener("click", () => { sure.returnValue = "no"; sure.showModal(); });
sure?.addEventListener("close", async () => {
	if (sure.returnValue !== "stop") return;
	button.disabled = true;
	try {
		const answer = await fetch("stop", { method: "POST", headers: { "X-Steepest-Token": live.dataset.token } });
		stopped.textContent = (await answer.text()).trim();
		button.disabled = answer.ok;
	} catch {
		stopped.textContent = "The program does not answer.";
		button.disabled = false;
	}
});
document.addEventListener("visibilitychange", listen);
document.addEventListener("selectionchange", () => { if (getSelection().isCollapsed) renew(); });
listen();
