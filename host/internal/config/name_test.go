package config

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// TestFolders: names in which something can be read have folders that show it, and no two names have the same folder, on a
// file system that ignores case too.
func TestFolders(t *testing.T) {
	for _, c := range []struct{ names, want []string }{
		{[]string{"sgd", "adam, cosine", "SGD 0.1", "lr_0.01"}, []string{"sgd", "adam-cosine", "sgd-0.1", "lr-0.01"}}, // as ever
		{[]string{"学习率", "动量", "Größe", "СГД", "ريشة"}, []string{"学习率", "动量", "größe", "сгд", "ريشة"}},
		{[]string{"e\u0301", "हिन्दी"}, []string{"é", "हिन्दी"}},
		{[]string{"lr=1e-1", "lr=1e+1"}, []string{"lr-1e-1-*", "lr-1e-1-*"}},
		{[]string{"SGD", "sgd", "Sgd!"}, []string{"sgd-*", "sgd", "sgd-*"}},
		{[]string{"straße", "STRASSE", "strasse"}, []string{"straße-*", "strasse-*", "strasse"}},
		{[]string{"+", "🚀", "*"}, []string{"*", "*", "*"}},
		{[]string{"con", "NUL", "com1.x", "console"}, []string{"con-*", "nul-*", "com1.x-*", "console"}},
		{[]string{"../../etc", "a/b\\c", "-rf"}, []string{"etc", "a-b-c", "rf"}},
		{[]string{strings.Repeat("長", 100), strings.Repeat("長", 99)}, []string{strings.Repeat("長", 33) + "-*", strings.Repeat("長", 33) + "-*"}},
	} {
		got := folders(c.names)
		taken := map[string]bool{}
		for i, folder := range got {
			want, isHashed := strings.CutSuffix(c.want[i], "*")
			if isHashed && (!strings.HasPrefix(folder, want) || len(folder) != len(want)+8) || !isHashed && folder != want {
				t.Errorf("%q has the folder %q, want %q", c.names[i], folder, c.want[i])
			}
			if folder != slug(folder) || len(folder) > maxSlug+9 {
				t.Errorf("%q has the unsafe folder %q", c.names[i], folder)
			}
			if key := cases.Fold().String(norm.NFC.String(folder)); taken[key] {
				t.Errorf("%q has the folder %q of another", c.names[i], folder)
			} else {
				taken[key] = true
			}
		}
	}
	// The name that another's hash would make is taken.
	name := "lr=1e+1"
	if got := folders([]string{"lr=1e-1", name, hashed(name, 8)}); got[2] != hashed(name, 8) || got[1] != hashed(name, 16) {
		t.Errorf("folders %q", got)
	}
}

func TestNames(t *testing.T) {
	long := strings.Repeat("n", 400)
	for name, want := range map[string]string{ // "" is accepted
		"学习率": "", "lr=1e+1": "", "نمی\u200cخواهم": "", "👩\u200d🔬 ❤\ufe0f": "", "a \"quoted\" name; $HOME": "", long[:100]: "", "con": "",
		"": "is empty", "..": "is empty", " ": "is empty", " . ": "is empty", "a ": "ends with a space",
		long: "has 400 characters|at most 100", "\x1b[2J": "U+001B", "a\nb": "U+000A", "a\tb": "U+0009", "\u202eadam": "U+202E", "ada\u200dm": "U+200D",
		"a\u200bdam": "U+200B", "\ufeffadam": "U+FEFF", "a\u00a0b": "U+00A0", "a\u00adb": "U+00AD", "\u3164": "U+3164", "a\u0080": "U+0080",
		"\u2066a": "U+2066", "a\U000e0041": "U+E0041", "a\ue000": "U+E000", "a\u2028b": "U+2028", "ad\u034fam": "U+034F",
	} {
		quoted := fmt.Sprintf("%+q", name)
		src := "[problem]\nkind = \"sphere\"\n[budget]\nsteps = 1\n[[optimizer]]\nplugin = \"o\"\nname = " + tomlString(quoted) + "\n"
		_, err := Parse("f.toml", src)
		message, remedy, _ := strings.Cut(want, "|")
		switch {
		case want == "" && err != nil:
			t.Errorf("%q is refused: %v", name, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), "f.toml:7:8: the name") ||
			!strings.Contains(err.Error(), message) || !strings.Contains(err.Error(), remedy)):
			t.Errorf("%q: %v, want %s", name, err, want)
		}
	}
	const two = "[problem]\nkind = \"sphere\"\n[budget]\nsteps = 1\n[[optimizer]]\nplugin = \"o\"\nname = \"é\"\n" +
		"[[optimizer]]\nplugin = \"o\"\nname = \"e\\u0301\"\n"
	if _, err := Parse("f.toml", two); err == nil || !strings.Contains(err.Error(), "10:8: the name \"e\u0301\" is that of another optimizer") {
		t.Errorf("equal letters: %v", err)
	}
}

// tomlString turns Go's escapes into TOML's.
func tomlString(quoted string) string {
	var b strings.Builder
	for len(quoted) > 0 {
		if hex, ok := strings.CutPrefix(quoted, `\x`); ok {
			b.WriteString(`\u00` + hex[:2])
			quoted = hex[2:]
			continue
		}
		n := 1
		if quoted[0] == '\\' {
			n = 2
		}
		b.WriteString(quoted[:n])
		quoted = quoted[n:]
	}
	return b.String()
}

// TestExperimentFolder: whatever a file is called, its results have a folder of their own inside the one they belong to.
func TestExperimentFolder(t *testing.T) {
	for file, want := range map[string][2]string{ // name and folder
		"quickstart.toml":                   {"quickstart", "quickstart"},
		"a/My Experiment_2 (b)+c.v1.toml":   {"My Experiment_2 (b)+c.v1", "My Experiment_2 (b)+c.v1"},
		"ehrgeiz ß 学习.toml":                 {"ehrgeiz ß 学习", "ehrgeiz ß 学习"},
		"noextension":                       {"noextension", "noextension"},
		"...toml":                           {"...toml", "*"},
		".toml":                             {".toml", "*"},
		"..":                                {"..", "*"},
		"a/..":                              {"..", "*"},
		"":                                  {".", "*"},
		".hidden.toml":                      {".hidden", "hidden-*"},
		"-rf.toml":                          {"-rf", "rf-*"},
		"trailing .toml":                    {"trailing ", "trailing-*"},
		"dot..toml":                         {"dot.", "dot-*"},
		"a\nb.toml":                         {`a\nb`, "a-b-*"},
		"\x1b[2J.toml":                      {`\x1b[2J`, "2j-*"},
		"bad\xff.toml":                      {`bad\xff`, "bad-*"},
		"zero\u200bwidth.toml":              {`zero\u200bwidth`, "zero-width-*"},
		"nul.toml":                          {"nul", "nul-*"},
		"a*b?.toml":                         {"a*b?", "a-b-*"},
		strings.Repeat("x", 250) + ".toml":  {strings.Repeat("x", 250), strings.Repeat("x", 100) + "-*"},
		strings.Repeat("é", 101) + "x.toml": {strings.Repeat("é", 101) + "x", strings.Repeat("é", 50) + "-*"},
		"C:\\x.toml":                        {`C:\x`, "c-x-*"},
	} {
		name, folder := experimentName(file)
		want1, isHashed := strings.CutSuffix(want[1], "*")
		if name != want[0] || isHashed && (!strings.HasPrefix(folder, want1) || len(folder) != len(want1)+8) || !isHashed && folder != want1 {
			t.Errorf("%q: %q in %q, want %q", file, name, folder, want)
		}
		if !utf8.ValidString(folder) || strings.ContainsAny(folder, "/\\\x00\n") || strings.Trim(folder, ".") == "" || folder[0] == '-' {
			t.Errorf("%q has the unsafe folder %q", file, folder)
		}
	}
}
