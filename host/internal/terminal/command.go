package terminal

import (
	"fmt"
	"slices"
	"strings"
)

// Command is a command that can be pasted into a shell: words, and after them the names of files, whatever is in them.
func Command(words []string, files ...string) string {
	for _, name := range files {
		if strings.HasPrefix(name, "-") {
			words = append(slices.Clip(words), "--")
			break
		}
	}
	var quoted []string
	for _, word := range append(slices.Clip(words), files...) {
		quoted = append(quoted, QuoteWord(word))
	}
	return strings.Join(quoted, " ")
}

// QuoteWord writes a word as a shell reads it. The quotes of $'...', which bash, zsh, ksh and newer shells know, stand only where a
// terminal must not see the word as it is.
func QuoteWord(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./,:@%+=", r)
	}
	switch {
	case word != "" && strings.IndexFunc(word, func(r rune) bool { return !plain(r) }) < 0:
		return word
	case EscapeLines(word) == word:
		return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
	}
	var b strings.Builder
	for i := range len(word) {
		switch c := word[i]; {
		case c == '\'' || c == '\\':
			b.WriteString(`\` + string(rune(c)))
		case c < ' ' || c >= 0x7f:
			fmt.Fprintf(&b, `\%03o`, c)
		default:
			b.WriteByte(c)
		}
	}
	return "$'" + b.String() + "'"
}
