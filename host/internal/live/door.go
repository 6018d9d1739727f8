package live

import (
	"fmt"
	"net/http"
	"strconv"
)

// door is an address at which pages are served, by what may be done there.
type door struct {
	*Pages
	// token is what only pages that were served here know, which can stop the runs; empty where they are only read. What plugins printed is
	// not shown there either: it may be anything, and it is not known who reads it.
	token string
	also  string // the path of what else is served here, for those who read
}

// Reader serves the pages to whoever can reach it. Nothing can be changed through it. They say that something else is to be had at the path of that name.
func (p *Pages) Reader(also string) http.Handler { return door{Pages: p, also: also}.handler() }

// readOnly tells whether nothing can be changed.
func (d door) readOnly() bool { return d.token == "" }

// site is that of a path. One page alone is at the root; several have numbers.
func (d door) site(number string) *site {
	sites := d.all()
	if number == "" && len(sites) == 1 {
		return sites[0]
	}
	if n, err := strconv.Atoi(number); err == nil && len(sites) > 1 && n >= 1 && n <= len(sites) {
		return sites[n-1]
	}
	return nil
}

func (d door) handler() http.Handler {
	mux := http.NewServeMux()
	answers := map[string]func(*site, http.ResponseWriter, *http.Request){"GET %s{$}": d.page, "GET %sevents": d.events}
	if !d.readOnly() {
		answers["POST %sstop"], answers["%sstop"] = d.stop, notAsked
	}
	for pattern, answer := range answers {
		for _, path := range []string{"/", "/{number}/"} {
			mux.HandleFunc(fmt.Sprintf(pattern, path), func(w http.ResponseWriter, r *http.Request) {
				switch site := d.site(r.PathValue("number")); {
				case site != nil:
					answer(site, w, r)
				case r.URL.Path == "/" && len(d.all()) != 1:
					d.index(w)
				default:
					http.NotFound(w, r)
				}
			})
		}
	}
	return d.guard(mux)
}

// index lists the pages where there are several, or says that there is none yet.
func (d door) index(w http.ResponseWriter) {
	type entry struct {
		Number int
		Folder string
	}
	var entries []entry
	for i, site := range d.all() {
		entries = append(entries, entry{i + 1, site.dir})
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	_ = layout.ExecuteTemplate(w, "index", map[string]any{"Entries": entries, "Also": d.also})
}

// notAsked refuses what only a page asks, and by POST.
func notAsked(_ *site, w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Allow", http.MethodPost)
	http.Error(w, "The runs are stopped by the button of the page.", http.StatusMethodNotAllowed)
}
