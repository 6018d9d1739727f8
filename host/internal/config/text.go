package config

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// notText returns the first place at which a file is no text that TOML could be, what is wrong there, and the remedy;
// nothing if it is text. The parser would stumble over it later and elsewhere.
func notText(src string) (offset int, message, remedy string) {
	const save = "save the file as UTF-8"
	zero := strings.IndexByte(src, 0)
	switch {
	case strings.HasPrefix(src, "\xff\xfe") || strings.HasPrefix(src, "\xfe\xff"):
		return 0, "the file is encoded as UTF-16 or UTF-32", save + "; most editors ask for the encoding when they save"
	case zero == 0 || zero == 1:
		return 0, "the file is encoded as UTF-16 or UTF-32, or is no text", save + ", or give the path of a TOML file"
	case zero > 0:
		return zero, "the file has a zero byte, which text never has", "remove it, or give the path of a TOML file"
	}
	if offset = invalidUTF8(src); offset < len(src) {
		return offset, fmt.Sprintf("the byte 0x%02X is not UTF-8", src[offset]),
			save + "; it may be saved as Latin-1 or Windows-1252"
	}
	for offset = 0; offset < len(src); offset++ {
		next := strings.IndexByte(src[offset:], '\r')
		if next < 0 {
			break
		}
		if offset += next; !strings.HasPrefix(src[offset+1:], "\n") {
			if !strings.Contains(src, "\n") {
				return offset, "the lines end with a carriage return alone",
					`save the file with line ends of Unix ("LF") or Windows ("CRLF")`
			}
			return offset, "a carriage return stands alone",
				"remove it; a line ends with a line feed, which a carriage return may precede"
		}
	}
	return 0, "", ""
}

// invalidUTF8 is the offset of the first byte that is not UTF-8, or the length of the text.
func invalidUTF8(s string) int {
	if utf8.ValidString(s) {
		return len(s)
	}
	for at, r := range s {
		if _, size := utf8.DecodeRuneInString(s[at:]); r == utf8.RuneError && size == 1 {
			return at
		}
	}
	return len(s)
}
