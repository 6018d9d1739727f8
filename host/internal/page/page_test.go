package page

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/steepest/steepest/host/internal/figure"
)

// hostile is what an author may write wherever there is a text.
const hostile = `</script></style></svg></title><script>alert(1)</script><img src=x onerror=alert(1)>"'><b onclick=alert(1)>&lt;{{.}}`

// everything is a page with the same text in every place for one.
func everything(t *testing.T, text string) Page {
	t.Helper()
	look := figure.Look{Place: 1}
	v, err := drawn(figure.Curves{Title: text, X: figure.Axis{Label: text}, Y: figure.Axis{Label: text, Log: true}, Band: text, Notes: []string{text},
		Lines: []figure.Curve{{Series: figure.Series{Name: text, Look: look}, X: []float64{0, 1, 2}, Median: []float64{3, 2, 1}}}})
	if err != nil {
		t.Fatal(err)
	}
	v.Caption = text
	linear := v
	linear.Axis, linear.Scale = 1, 1
	facts := []Fact{{text, text}}
	key := Key{text, look, []string{text}}
	return Page{Name: text, Question: text, Notes: text, Began: text, Tags: []string{text}, Counts: []Count{{"PASS", 1}},
		Claims:   []Claim{{text, []Verdict{{text, text, text, []string{text}}}}},
		Tables:   []Table{{text, []string{text, text}, []Row{{key, []Cell{{Value: text, Aside: text}, {text, text, true}}}}, []string{text}}},
		Keys:     []Key{key},
		Sections: []Section{{"curves", text, text, []Group{{"curves-0", text, text, text, text, []string{text, text}, []string{text, text}, []View{v, linear}}}}},
		Varied:   facts, Configuration: text, Facts: facts, Warnings: []string{text}, Replay: []Command{{text, text}},
		Provenance: []Program{{text, text, text, text, text, 1}},
	}
}

func parsed(t *testing.T, p Page) (text string, tree *html.Node) {
	t.Helper()
	var b bytes.Buffer
	if err := p.Write(&b); err != nil {
		t.Fatal(err)
	}
	text = b.String()
	tree, err := html.Parse(&b)
	if err != nil {
		t.Fatal(err)
	}
	return text, tree
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// TestHostile: whatever stands in an experiment, the page has the elements and attributes that it has of a harmless one, and shows the text.
func TestHostile(t *testing.T) {
	shape := func(text string) (elements []string) {
		_, tree := parsed(t, everything(t, text))
		for n := range tree.Descendants() {
			if n.Type != html.ElementNode {
				continue
			}
			inFigure := false
			for up := range n.Ancestors() {
				inFigure = inFigure || up.Data == "svg"
			}
			if inFigure && !slices.Contains([]string{"g", "rect", "path", "text", "tspan"}, n.Data) {
				t.Errorf("a figure has a <%s>", n.Data)
			}
			element := n.Data
			for _, a := range n.Attr {
				if a.Key == "style" || strings.HasPrefix(a.Key, "on") || a.Key == "src" {
					t.Errorf("<%s %s=%q>", n.Data, a.Key, a.Val)
				}
				element += " " + a.Key
			}
			if !inFigure { // how many lines its text takes is up to the text
				elements = append(elements, element)
			}
		}
		return elements
	}
	if harmless, got := shape("harmless"), shape(hostile); !slices.Equal(got, harmless) {
		t.Errorf("the page has other elements:\n%s\ninstead of\n%s", strings.Join(got, "\n"), strings.Join(harmless, "\n"))
	}
	text, tree := parsed(t, everything(t, hostile))
	if strings.Contains(text, "<script>alert") || strings.Contains(text, "<img") {
		t.Error("what stands in an experiment is not escaped")
	}
	shown := 0
	for n := range tree.Descendants() {
		if n.Type == html.TextNode && strings.Contains(n.Data, hostile) {
			shown++
		}
	}
	if shown < 25 {
		t.Errorf("the text is shown %d times", shown)
	}
}

// TestPolicy: nothing but the style sheet and the script of the page may be used, and these are the very ones.
func TestPolicy(t *testing.T) {
	_, tree := parsed(t, everything(t, "x"))
	policy := ""
	for n := range tree.Descendants() {
		switch {
		case n.Data == "meta" && attribute(n, "http-equiv") == "Content-Security-Policy":
			policy = attribute(n, "content")
		case n.Data == "script" || n.Data == "style":
			sum := sha256.Sum256([]byte(n.FirstChild.Data))
			if want := n.Data + "-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !strings.Contains(policy, want) {
				t.Errorf("the policy %q has not %s", policy, want)
			}
		case n.Type == html.ElementNode && slices.Contains([]string{"link", "iframe", "object", "embed", "base", "form"}, n.Data):
			t.Errorf("the page has a <%s>", n.Data)
		}
	}
	if !strings.HasPrefix(policy, "default-src 'none'; ") || strings.Contains(policy, "unsafe") {
		t.Errorf("the policy is %q", policy)
	}
}

// TestStructure: headings follow their order, every link has its place, figures are named, and headers of tables say of what they are.
func TestStructure(t *testing.T) {
	_, tree := parsed(t, everything(t, "x"))
	level, titles := 0, 0
	ids := map[string]int{}
	var links []string
	for n := range tree.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if id := attribute(n, "id"); id != "" {
			ids[id]++
		}
		switch n.Data {
		case "h1", "h2", "h3":
			next := int(n.Data[1] - '0')
			if next > level+1 {
				t.Errorf("<%s> follows a heading of level %d", n.Data, level)
			}
			if level = next; level == 1 {
				titles++
			}
		case "a":
			links = append(links, strings.TrimPrefix(attribute(n, "href"), "#"))
		case "th":
			if scope := attribute(n, "scope"); scope != "col" && scope != "row" {
				t.Errorf("a header of a table has the scope %q", scope)
			}
		case "svg":
			if attribute(n, "aria-hidden") == "" && (attribute(n, "role") != "img" || attribute(n, "aria-label") == "") {
				t.Error("a figure has no name")
			}
		case "figure":
			if n.FirstChild == nil || n.FirstChild.NextSibling.Data != "figcaption" {
				t.Error("a figure has no caption")
			}
		}
	}
	if titles != 1 {
		t.Errorf("%d titles", titles)
	}
	for id, n := range ids {
		if n > 1 {
			t.Errorf("%d elements have the id %q", n, id)
		}
	}
	for _, l := range links {
		if ids[l] == 0 {
			t.Errorf("a link leads to %q, which is not there", l)
		}
	}
}
