package sdk

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/steepest/steepest/proto"
)

// checkTag refuses a struct tag that is malformed or has a key that nobody reads, such as a mistyped one: the compiler
// does not look into tags, and reflection takes what it cannot read for nothing.
func checkTag(tag reflect.StructTag, known ...string) error {
	malformed := fmt.Errorf("the tag `%s` is malformed; write key:\"value\" pairs with a space between them", tag)
	var seen []string
	for rest := strings.TrimLeft(string(tag), " "); rest != ""; {
		key, after, ok := strings.Cut(rest, ":")
		quoted, err := strconv.QuotedPrefix(after)
		if !ok || err != nil || key == "" || strings.ContainsAny(key, " \"") || !strings.HasPrefix(quoted, `"`) {
			return malformed
		}
		switch {
		case len(known) == 0:
			return fmt.Errorf("the tag %s has no meaning here; remove it", key)
		case !slices.Contains(known, key):
			return fmt.Errorf("unknown tag %s; %s", key, proto.DidYouMean(key, known))
		case slices.Contains(seen, key):
			return fmt.Errorf("the tag %s is there twice", key)
		}
		seen = append(seen, key)
		rest = after[len(quoted):]
		if trimmed := strings.TrimLeft(rest, " "); trimmed != rest || rest == "" {
			rest = trimmed
		} else {
			return malformed
		}
	}
	return nil
}
