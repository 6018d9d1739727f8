// Package terminal has what the host writes for people in one form: text of others, such as names in files and messages of
// plugins, made safe to show; commands; durations.
package terminal

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Escape shows a text in one line. Control characters, bytes that are no UTF-8, and characters that turn the direction of
// what follows become escapes such as \x1b, \n or \u202e; everything else stays as it is.
func Escape(s string) string { return escape(s, "") }

// EscapeLines is [Escape] for a text of several lines: line feeds and tabs stay.
func EscapeLines(s string) string { return escape(s, "\n\t") }

// joiners are part of words in Persian and in Indian languages, and of emoji.
const joiners = "\u200c\u200d"

func escape(s, keep string) string {
	keep += joiners
	shown := func(r rune) bool { return unicode.IsGraphic(r) && r != utf8.RuneError || strings.ContainsRune(keep, r) }
	if strings.IndexFunc(s, func(r rune) bool { return !shown(r) }) < 0 {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[0])
		case shown(r):
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < utf8.RuneSelf:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
		s = s[size:]
	}
	return b.String()
}
