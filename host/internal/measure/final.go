package measure

import "github.com/steepest/steepest/host/internal/record"

// FinalPrefix begins the names of [AtEnd].
const FinalPrefix = "final_"

// AtEnd are the numbers at the end of a run as tables count them, such as final_train_loss: infinitely bad of one that diverged, and none
// of a run that did not come to an end of its own.
func AtEnd(o record.Outcome) map[string]float64 {
	all, schema := map[string]float64{}, record.Standard()
	for _, q := range schema.Finals() {
		if v := (Measure{Quantity: q.Name}).Begin(schema).End(o); v.Counts() {
			_, all[FinalPrefix+q.Name] = v.Between()
		}
	}
	return all
}
