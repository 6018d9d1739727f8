package terminal

import (
	"os/exec"
	"strings"
	"testing"
)

func TestCommand(t *testing.T) {
	for _, c := range []struct {
		words, files []string
		want         string
	}{
		{[]string{"head"}, []string{"runs/x-2/sgd-seed1/steps.csv"}, "head runs/x-2/sgd-seed1/steps.csv"},
		{[]string{"steepest", "run", "--out", "my results"}, []string{"-x.toml"}, "steepest run --out 'my results' -- -x.toml"},
		{[]string{"head"}, []string{"it's", "größe", ""}, `head 'it'\''s' 'größe' ''`},
		{[]string{"head"}, []string{"a\nb"}, "head 'a\nb'"},
		{[]string{"head"}, []string{"\x1b[2J'\\\u202e"}, `head $'\033[2J\'\\\342\200\256'`},
	} {
		if got := Command(c.words, c.files...); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

// TestQuoteIsReadByShells: each word comes back from a shell as it was.
func TestQuoteIsReadByShells(t *testing.T) {
	words := []string{"plain", "", "two words", "it's", `"double"`, "$HOME `id` \\", "a\nb\n", "\ttab", "*?[a]{b,c}~", "-x", "größe", "!!", "#x;&|<>()",
		"\x1b[31m'\\red", "\xff\xfe", "\u202ereversed", "\u200bzero width", "a\x1b1"}
	for shell, all := range map[string]bool{"bash": true, "sh": false} {
		path, err := exec.LookPath(shell)
		if err != nil {
			t.Logf("there is no %s", shell)
			continue
		}
		for _, word := range words {
			if !all && strings.HasPrefix(QuoteWord(word), "$") {
				continue // not every sh knows it
			}
			out, err := exec.Command(path, "-c", "printf %s "+QuoteWord(word)+"x").Output()
			if err != nil || string(out) != word+"x" {
				t.Errorf("%s reads %s as %q, want %q: %v", shell, QuoteWord(word), out, word+"x", err)
			}
		}
	}
}
