package proto

import (
	"fmt"
	"strings"

	"github.com/agext/levenshtein"
)

// Nearest is the candidate that a word is most likely to be with a slip; "" if it is like none.
func Nearest(word string, candidates []string) string {
	best, distance := "", 3
	for _, c := range candidates {
		if len(word) > 100 {
			break // which no candidate is like
		}
		if d := levenshtein.Distance(strings.ToLower(word), strings.ToLower(c), nil); d < distance && d < len(c) {
			best, distance = c, d
		}
	}
	return best
}

// DidYouMean is the remedy for a word that is none of the candidates: the one that is nearest to it, and all of them.
func DidYouMean(word string, candidates []string) string {
	best := Nearest(word, candidates)
	list := "one of " + strings.Join(candidates, ", ")
	switch {
	case best != "":
		return fmt.Sprintf("did you mean %q? It can be %s", best, list)
	case len(candidates) == 0:
		return "there are none"
	case len(candidates) == 1:
		return fmt.Sprintf("it can only be %q", candidates[0])
	}
	return "use " + list
}
