package config

import (
	"fmt"
	"math"
	"time"
)

// jsonable is a copy of a value as JSON can have it: numbers that are none, and times, are text.
func jsonable(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, inner := range v {
			out[key] = jsonable(inner)
		}
		return out
	case []map[string]any:
		out := make([]any, len(v))
		for i, inner := range v {
			out[i] = jsonable(inner)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, inner := range v {
			out[i] = jsonable(inner)
		}
		return out
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Sprint(v)
		}
	case time.Time:
		return v.Format(time.RFC3339Nano)
	}
	return v
}
