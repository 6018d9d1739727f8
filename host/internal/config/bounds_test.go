package config

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

const smallHead, smallTail = "[problem]\nkind = \"sphere\"\n[budget]\nsteps = 3\n", "[[optimizer]]\nplugin = \"o\"\n"

// TestBounds: a file that would take much memory is refused before it is parsed, with the place that is too much.
func TestBounds(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long under the race detector, and has but one goroutine")
	}
	repeat := strings.Repeat
	for name, c := range map[string]struct{ src, want string }{
		"dotted key":        {smallHead + smallTail + repeat("a.", 20_000) + "a = 1\n", "7:32: tables and arrays are nested more than 16 deep"},
		"header":            {"[" + repeat("a.", 20_000) + "a]\n", "1:33: tables and arrays are nested"},
		"keys of a header":  {"[a.b.c.d.e.f.g.h]\na.b.c.d.e.f.g.h.i.j = 1\n", "2:18: tables and arrays are nested"},
		"inline tables":     {smallHead + smallTail + "x = " + repeat("{ a = ", 20_000), "7:95: tables and arrays are nested"},
		"dotted and inline": {smallHead + "x = " + repeat("{ a.b.c = ", 20_000), "5:55: tables and arrays are nested"},
		"arrays":            {smallHead + smallTail + "x = " + repeat("[", 20_000), "7:20: tables and arrays are nested"},
		"brackets":          {repeat("[", 1_000_000), "1:17: tables and arrays are nested"},
		"brackets in lines": {"x = [\n" + repeat("[\n", 1_000_000), "17:1: tables and arrays are nested"},
		"after a string":    {"x = \"\"\"\n\\\"\"\"\"\ny = 'a'\n# '\nz = " + repeat("[", 20_000), "5:21: tables and arrays are nested"},
		"many keys":         {smallHead + smallTail + numbered("k%d = 1\n", 60_000), "the file has more than 50000 keys and tables"},
		"many tables":       {smallHead + numbered("[t%d]\n", 60_000), "the file has more than 50000 keys and tables"},
		"many elements":     {smallHead + smallTail + "x = [" + repeat("1,", 300_000) + "]", "7:499997: the arrays and tables of the file have more than 250000 elements"},
		"nested elements":   {smallHead + smallTail + "x = [" + repeat("[[[[[[[1]]]]]]],", 60_000) + "]", "the arrays and tables of the file have more than 250000"},
		"large":             {smallHead + smallTail + "#" + repeat("x", 4<<20), "cannot read the experiment file: it has more than 4 MB"},

		"layers":           {"[problem]\nkind = \"mlp\"\ndataset = \"xor\"\nhidden = [" + repeat("1,", 1001) + "]\n[budget]\nsteps = 1\n" + smallTail, "4:10: hidden has 1001 numbers"},
		"tables of layers": {"[problem]\nkind = \"network\"\ndataset = \"xor\"\n" + repeat("[[problem.layer]]\nkind = \"dense\"\nunits = 1\n", 1001), "4:3: there are 1001 layers"},
		"runs":             {smallHead + "[seeds]\ncount = 100_000\n" + smallTail + smallTail + "name = \"b\"\n", "6:9: 100000 seeds of 2 optimizers are 200000 runs"},
		"seeds":            {smallHead + "[seeds]\ncount = 100_001\n" + smallTail, "6:9: count = 100001 is out of range"},
		"start":            {"[problem]\nkind = \"sphere\"\nstart = [" + repeat("1,", 100_001) + "]\n", "3:9: start has 100001 numbers"},
	} {
		file := filepath.Join(t.TempDir(), "f.toml")
		if err := os.WriteFile(file, []byte(c.src), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := Load(file)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %.300v\nwant %s", name, err, c.want)
			continue
		}
		if text := err.Error(); len(text) > 5000 || !strings.Contains(text, "remedy: ") {
			t.Errorf("%s: %d bytes of message: %.300s", name, len(text), text)
		}
	}
}

func numbered(format string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// TestWithinBounds: what experiments have is accepted, also just within the bounds, and brackets in strings and comments
// don't count.
func TestWithinBounds(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long under the race detector, and has but one goroutine")
	}
	for name, src := range map[string]string{
		"depth":    smallHead + smallTail + strings.Repeat("a.", 14) + "a = 1\n",
		"strings":  smallHead + smallTail + "x = '" + strings.Repeat("[", 50) + "' # " + strings.Repeat("{", 50) + "\ny = \"\"\"\n" + strings.Repeat("[\n", 50) + "\\\"\"\"\"\n",
		"elements": "[problem]\nkind = \"sphere\"\nstart = [" + strings.Repeat("0.12345678901234567,\n", 100_000) + "]\n[budget]\nsteps = 1\n" + smallTail,
		"runs":     smallHead + "[seeds]\ncount = 50_000\n" + smallTail + smallTail + "name = \"b\"\n",
		"sections": smallHead + "\t[[optimizer]]\nplugin = \"o\"\n  [optimizer.gradient]\n  clip_norm = 1.5\n",
	} {
		if _, err := Parse("f.toml", src); err != nil {
			t.Errorf("%s: %.500v", name, err)
		}
	}
}

// TestMemoryOfAFile: whatever a file of the allowed size holds, reading it takes a bounded amount of memory (here all that
// is allocated, most of which is free again soon), and the message is one that can be read.
func TestMemoryOfAFile(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long under the race detector, and has but one goroutine")
	}
	for name, src := range map[string]string{
		"deep keys": smallHead + smallTail + numbered("a.a.a.a.a.a.a.a.a.a.a.a.a.k%d = 1\n", 49_000),
		"elements":  smallHead + smallTail + "x = [" + strings.Repeat("1,", 249_000) + "]\n",
		"wrong":     "[problem]\nkind = \"mlp\"\ndataset = \"xor\"\nhidden = [" + strings.Repeat("0,", 900) + "]\n" + numbered("k%d = 1\n", 49_000),
		"newlines":  strings.Repeat("\n", 4<<20-1),
		"optimizer": smallHead + numbered("[[optimizer]]\nplugin = \"o\"\nname = \"o%d\"\n", 16_000),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Parse("f.toml", src)
		if err != nil && len(err.Error()) > 100_000 {
			t.Errorf("%s: a message of %d bytes", name, len(err.Error()))
		}
		runtime.ReadMemStats(&after)
		if mb := (after.TotalAlloc - before.TotalAlloc) >> 20; mb > 2000 {
			t.Errorf("%s: %d MB allocated", name, mb)
		} else {
			t.Logf("%s: %d MB allocated", name, mb)
		}
	}
}

// TestNotText: a file that is no text in UTF-8 is refused for that, at the place, and not for what the parser makes of it.
func TestNotText(t *testing.T) {
	wide := func(s string, bigEndian bool) string {
		var b strings.Builder
		for _, c := range []byte(s) {
			if bigEndian {
				b.Write([]byte{0, c})
			} else {
				b.Write([]byte{c, 0})
			}
		}
		return b.String()
	}
	const text = smallHead + smallTail
	for src, want := range map[string]string{
		"\xff\xfe" + wide(text, false):        "1:1: the file is encoded as UTF-16 or UTF-32|save the file as UTF-8",
		"\xfe\xff" + wide(text, true):         "1:1: the file is encoded as UTF-16 or UTF-32|save the file as UTF-8",
		wide(text, false):                     "1:1: the file is encoded as UTF-16 or UTF-32, or is no text|save the file as UTF-8",
		wide(text, true):                      "1:1: the file is encoded as UTF-16 or UTF-32, or is no text|save the file as UTF-8",
		text + "name = \"a\x00b\"\n":          "7:10: the file has a zero byte|remove it",
		"question = \"gr\xf6\xdfe\"\n" + text: "1:15: the byte 0xF6 is not UTF-8|Latin-1",
		strings.ReplaceAll(text, "\n", "\r"):  "1:10: the lines end with a carriage return alone|LF",
		"# a\rb\n" + text:                     "1:4: a carriage return stands alone|remove it",
		text + "name = \"a\x1b[31mb\"\n":      "7:9: not valid TOML: TOML files cannot contain control characters|remove it",
	} {
		_, err := Parse("f.toml", src)
		message, remedy, _ := strings.Cut(want, "|")
		if err == nil || !strings.Contains(err.Error(), message) || !strings.Contains(err.Error(), remedy) || strings.ContainsAny(err.Error(), "\x00\x1b\r") {
			t.Errorf("%.40q: got %q\nwant %s", src, err, want)
		}
	}
	for _, src := range []string{"\ufeff" + text, strings.ReplaceAll(text, "\n", "\r\n"), "question = \"größe \ufffd\"\n" + text} {
		if _, err := Parse("f.toml", src); err != nil {
			t.Errorf("%.40q: %v", src, err)
		}
	}
}
