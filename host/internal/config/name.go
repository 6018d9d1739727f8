package config

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/steepest/steepest/host/internal/terminal"
)

const (
	maxName = 100 // characters of an optimizer's name
	// Bytes of a folder's name without the hash and the -seedN or -N that may follow. Most file systems allow 255, some 143.
	maxSlug, maxFolder = 100, 200
)

// slug is a name as it appears in the names of folders: letters and digits of any script, in lower case, dots, and "-" in
// place of everything else. Different names can have the same slug, and that of "+" is empty.
func slug(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(norm.NFC.String(name)) {
		if unicode.In(r, unicode.L, unicode.N, unicode.M) && !ignorable(r) || r == '.' {
			b.WriteRune(r)
		} else if !strings.HasSuffix(b.String(), "-") {
			b.WriteByte('-')
		}
	}
	return strings.Trim(b.String(), "-.")
}

// ignorable tells whether a character is usually not shown at all, although it counts as a letter or mark.
func ignorable(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) ||
		r == '\u2800' // a braille pattern without dots
}

// reserved are the names that Windows keeps for devices, whatever follows a dot.
var reserved = regexp.MustCompile(`(?i)^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\..*)?$`)

// hashed is a name of a folder that no other name has: the slug, as far as there is room, and the first digits of the name's
// SHA-256.
func hashed(name string, digits int) string {
	clipped := slug(name)
	if len(clipped) > maxSlug {
		end := maxSlug
		for !utf8.RuneStart(clipped[end]) {
			end--
		}
		clipped = strings.TrimRight(clipped[:end], "-.")
	}
	sum := sha256.Sum256([]byte(name))
	return strings.TrimPrefix(clipped+"-"+hex.EncodeToString(sum[:])[:digits], "-")
}

// folded is equal for names that a file system may take for the same.
func folded(name string) string { return norm.NFC.String(cases.Fold().String(name)) }

// folders are the names of the folders of optimizers whose names all differ. Usually they are the slugs; a hash follows
// where the slug is empty, long or reserved, or is that of other names too and not itself the name.
func folders(names []string) []string {
	owners := map[string]int{}
	for _, name := range names {
		owners[folded(slug(name))]++
	}
	taken := maps.Clone(owners)
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = slug(name)
		if own := folded(out[i]); out[i] != "" && len(out[i]) <= maxSlug && !reserved.MatchString(out[i]) &&
			(owners[own] == 1 || name == own) {
			continue
		}
		out[i] = hashed(name, 8)
		for digits := 16; digits <= 64 && taken[folded(out[i])] > 0; digits += 8 {
			out[i] = hashed(name, digits)
		}
		taken[folded(out[i])]++
	}
	return out
}

// experimentName is how the experiment of a file is called, and the name of the folder of its results: that of the file
// without its extension, unless that is none for a folder everywhere.
func experimentName(file string) (name, folder string) {
	base := filepath.Base(file)
	stem := strings.TrimSuffix(base, filepath.Ext(base))
	name = terminal.Escape(stem)
	if strings.Trim(stem, ". ") == "" {
		name = terminal.Escape(base)
	}
	safe := name == stem && len(stem) <= maxFolder && !strings.ContainsAny(stem, `<>:"/\|?*`) &&
		!strings.ContainsFunc(stem, ignorable) && strings.TrimLeft(stem, "-. ") == stem && strings.TrimRight(stem, ". ") == stem && !reserved.MatchString(stem)
	if safe {
		return name, stem
	}
	return name, hashed(stem, 8)
}

// checkName says what is wrong with the name of an optimizer, and what would be right; nothing if nothing is.
func checkName(name string) (message, remedy string) {
	const allowed = "letters, digits, punctuation and spaces of any script may stand in a name"
	if n := utf8.RuneCountInString(name); n > maxName {
		return fmt.Sprintf("the name has %d characters", n), fmt.Sprintf("choose a name of at most %d characters", maxName)
	}
	switch {
	case strings.Trim(name, " .") == "":
		return fmt.Sprintf("the name %q is empty", name),
			`give a name such as "sgd, lr 0.1", or leave name out: then it is that of the plugin`
	case strings.TrimSpace(name) != name:
		return fmt.Sprintf("the name %q begins or ends with a space", name), "remove the space"
	}
	before := ' '
	for _, r := range name {
		if r != ' ' && !unicode.IsPrint(r) || ignorable(r) {
			// Joiners and variation selectors are part of words in some scripts, and of emoji.
			if !unicode.In(r, unicode.Join_Control, unicode.Variation_Selector) ||
				!unicode.In(before, unicode.Lo, unicode.M, unicode.So, unicode.Sk) {
				return fmt.Sprintf("the name %q has the character %U, which nobody sees", name, r), "remove it; " + allowed
			}
		}
		before = r
	}
	return "", ""
}
