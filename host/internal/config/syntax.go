package config

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// mistakes are what people write that is not TOML, each recognised by the parser's message and the text from the place of
// the error to the end of its line; the remedy may use $1, $2 ... of the latter. The first that fits counts.
var mistakes = []struct{ message, rest, remedy string }{
	{"", "^[“”„‟‘’‚‛«»‹›`´″′]", `use straight quotation marks, "...", in place of those of a word processor`},
	{"", "^[−–—‐‑]", `write the minus sign as "-"`},
	{"out of range for float64", "", "write a number between -1.7e308 and 1.7e308"},
	{"out of range for int64", "", "write a whole number below 9.2e18, or one with an exponent, such as 1e20"},
	{"floats must start with a digit|'.' must be followed", "", "write digits before and after the point, such as 0.5 or 5.0"},
	{"leading zeroes", `^([-+]?)0+(\d[\d_.eE+-]*)`, "write $1$2, without zeroes in front"},
	{"'problem' has already been defined|already created and cannot be used as an array", "",
		"write two brackets wherever there are several, [[problem]] or [[optimizer]], each with a name"},
	{"already been defined", "",
		"remove one of the two; of what there are several, such as optimizers, each begins with [[optimizer]]"},
	{"invalid escape|Escaped character", "",
		`write backslashes twice, "C:\\data", or the string in single quotation marks, 'C:\data'`},
	{"expected value", `^(?i)(true|false)\b`, "write true or false, in lower case"},
	{"expected value", `^(?i)(nan|inf)\b`, "write nan or inf, in lower case"},
	{"expected value", `^(?i)(null|none|nil)\b`, "TOML has no such value; leave the key out"},
	{"expected value", `^(?i)(yes|no|on|off)\b`, "write true or false"},
	{"expected value but found", `^(?:==?|:)`, "write a single = between key and value"},
	{"expected value", `^\((.*)\)`, "write an array in square brackets: [$1]"},
	{"expected value", `^([\pL_~./\\][^"'#,\]}]*?)["']?\s*(?:[#,\]}].*)?$`, `write a string in quotation marks: "$1"`},
	{"expected value", "", "write a value behind the =, such as 0.1, \"adam\" or true"},
	{"key separator", "", "write = and a value behind the key"},
	{"expected '.' or '='", `^:=?`, "write = between key and value"},
	{"expected '.' or '='", `^(//|;|--|/\*)`, "begin a comment with #"},
	{"expected '.' or '='", `^[^=]*\]`, "write the name of a table in brackets on both sides: [problem]"},
	{"expected '.' or '='", `^[^\x00-\x7f]`, `write a key with other letters than A to Z in quotation marks: "größe" = 1`},
	{"expected '.' or '='", `^[^=]+=`, "write a key without spaces, or in quotation marks"},
	{"expected '.' or '='", "", "write = between key and value"},
	{"unexpected '='|key name appears blank", "", "write a key before the =, and none of its parts empty"},
	{"table name", "", "write the name of a table in brackets on both sides: [problem]"},
	{"table array", "", "write two brackets on both sides: [[optimizer]]"},
	{"strings cannot contain newlines|expected '\"'|expected \"'", "",
		`end the string with a quotation mark like the one it begins with`},
	{"expected a comma .* array|unexpected comma", "", "write exactly one comma between two elements, and ] behind the last"},
	{"expected a comma .* table", "", "write a comma between two keys, and } behind the last"},
	{"expected a top-level item", "^;", "write each key on a line of its own, without semicolons"},
	{"expected a top-level item", "^ *(//|--|/\\*)", "begin a comment with #"},
	{"expected a top-level item", "^ *%", "write a share as a number: 10 % is 0.1"},
	{"expected a top-level item", `^ *(?:ns|us|µs|ms|s|m|h|min)\b`, `write a time in quotation marks: "30s"`},
	{"expected a top-level item", "", "write one value, and each key on a line of its own"},
	{"control characters", "", "remove it"},
}

// decimalComma is a line whose value has one.
var decimalComma = regexp.MustCompile(`=\s*([-+]?\d+),(\d+(?:[eE][-+]?\d+)?)\s*(?:#.*)?$`)

// syntaxRemedy is how to mend what the parser says is wrong at an offset.
func syntaxRemedy(src string, offset int, message string) string {
	offset = min(max(offset, 0), len(src))
	rest, _, _ := strings.Cut(src[offset:], "\n")
	before := src[:offset]
	line := before[strings.LastIndexByte(before, '\n')+1:] + rest
	line, rest = strings.TrimRight(line, "\r"), strings.TrimRight(rest, "\r")
	if m := decimalComma.FindStringSubmatch(line); m != nil && strings.Contains(message, "','") {
		return fmt.Sprintf("write a decimal point: %s.%s", m[1], m[2])
	}
	if strings.Contains(message, "newline") && strings.ContainsAny(line, "“”„") {
		return mistakes[0].remedy
	}
	if r, _ := utf8.DecodeRuneInString(rest); r >= utf8.RuneSelf && !unicode.IsPrint(r) {
		return fmt.Sprintf("delete the invisible character %U there, or write an ordinary space", r)
	}
	for _, m := range mistakes {
		pattern := regexp.MustCompile(m.rest)
		if at := pattern.FindStringSubmatchIndex(rest); at != nil && regexp.MustCompile(m.message).MatchString(message) {
			return string(pattern.ExpandString(nil, m.remedy, rest, at))
		}
	}
	return "see https://toml.io for the syntax"
}
