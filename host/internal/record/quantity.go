package record

import "math"

// Quantity is something that can be known of a point of a run. All that is said of it anywhere comes from here: columns, JSON,
// metrics, targets, tables and manuals.
type Quantity struct {
	Name   string // in steps.csv, JSON, targets and metrics
	Title  string // in tables
	Unit   string // the base unit as Prometheus names it; empty if it has none
	Help   string // one sentence
	Live   string // likewise, of the last value, which is all that metrics know; empty if it is the same
	Note   string // what a reader of the manual must know beyond it, Markdown
	Range  Range
	Better Better
	Needs  Needs
	Column bool // it is known of points, and a column of steps.csv
	Final  bool // the value at the end stands in summaries, --json and the table
}

// Range is which values a quantity can have.
type Range int

// The ranges.
const (
	Number Range = iota // any
	Loss                // any that the problem has
	Norm                // 0 or more
	Count               // likewise, of what is counted
	Share               // from 0 to 1; tables have it in percent
)

// Bounds are the least and the largest value.
func (r Range) Bounds() (least, most float64) {
	switch r {
	case Norm, Count:
		return 0, math.Inf(1)
	case Share:
		return 0, 1
	}
	return math.Inf(-1), math.Inf(1)
}

// Better is which values of a quantity are the better ones. Only of one that has such values there can be a target.
type Better int

// The directions.
const (
	Neither Better = iota
	Less
	More
)

// Reaches tells whether a value is as good as a limit. NaN never is.
func (b Better) Reaches(x, limit float64) bool {
	if b == More {
		return x >= limit
	}
	return x <= limit
}

// Sign is how a value that reaches its limit stands to it.
func (b Better) Sign() string {
	if b == More {
		return ">="
	}
	return "<="
}

// Needs is what a problem, or an optimizer, must have for a quantity.
type Needs int

// What there can be.
const (
	ValidationExamples Needs = 1 << iota
	TestExamples
	Classes
	EvaluationWeights // of the optimizer
)

// Target tells whether there can be a target for the quantity.
func (q Quantity) Target() bool { return q.Column && q.Better != Neither }

// The standard quantities, which every run has, by their place in its schema.
const (
	TrainLoss = iota
	GradientNorm
	UpdateNorm
	LearningRate
	ValidationLoss
	ValidationAccuracy
	TestLoss
	TestAccuracy
	TrainedLoss
	standardCount
)

// The columns of the standard quantities are the format of steps.csv: what is added to them is a diagnostic's.
var standard = [standardCount]Quantity{
	TrainLoss: {Name: "train_loss", Title: "train loss", Help: "Loss on the batch of the step.",
		Live:  "Loss on the batch of the last recorded step.",
		Range: Loss, Better: Less, Column: true, Final: true},
	GradientNorm: {Name: "gradient_norm", Title: "gradient norm", Help: "Euclidean norm of the gradient of the step's batch.",
		Live: "Euclidean norm of the gradient of the last recorded step.",
		Note: "before clipping, with the noise of `gradient_noise`", Range: Norm, Better: Less, Column: true},
	UpdateNorm: {Name: "update_norm", Title: "update norm", Help: "Euclidean norm of the update of the step.",
		Live: "Euclidean norm of the last update.",
		Note: "not at the last point, which no update leaves", Range: Norm, Column: true},
	LearningRate: {Name: "learning_rate", Title: "learning rate", Help: "Learning rate of the update of the step.",
		Live: "Learning rate of the last update.",
		Note: "not at the last point, nor of optimizers that have none", Column: true},
	ValidationLoss: {Name: "validation_loss", Title: "validation loss", Help: "Loss on the validation examples.",
		Live:  "Loss on the validation examples when last evaluated.",
		Note:  "at the start of each epoch and at the end; never without validation examples",
		Range: Loss, Better: Less, Needs: ValidationExamples, Column: true, Final: true},
	ValidationAccuracy: {Name: "validation_accuracy", Title: "accuracy", Help: "Share of the validation examples classified correctly.",
		Live:  "Share of the validation examples classified correctly when last evaluated.",
		Note:  "0 to 1; with the validation loss; never without classes",
		Range: Share, Better: More, Needs: ValidationExamples | Classes, Column: true, Final: true},
	TestLoss: {Name: "test_loss", Title: "test loss", Help: "Loss on the test examples.",
		Range: Loss, Better: Less, Needs: TestExamples, Final: true},
	TestAccuracy: {Name: "test_accuracy", Title: "test accuracy", Help: "Share of the test examples classified correctly.",
		Range: Share, Better: More, Needs: TestExamples | Classes, Final: true},
	TrainedLoss: {Name: "trained_loss", Title: "trained loss", Help: "Loss on the training examples at the weights that are trained, where those " +
		"that are evaluated are others.",
		Range: Loss, Better: Less, Needs: EvaluationWeights, Final: true},
}

// HyperparameterPrefix begins the names of hyperparameters that change, and of no other quantity.
const HyperparameterPrefix = "hyperparameter."

// Hyperparameter is the quantity that a scheduled hyperparameter is.
func Hyperparameter(name string) Quantity {
	return Quantity{Name: HyperparameterPrefix + name, Title: name, Help: "Value of the hyperparameter " + name + " for the update applied next.",
		Column: true}
}

// Schema is what can be known of a run: the standard quantities, those of its diagnostics, and its scheduled hyperparameters.
type Schema []Quantity

// Standard is the schema of a run without anything of its own.
func Standard() Schema { return standard[:len(standard):len(standard)] }

// Index is the place of a quantity, -1 if the schema has none of that name.
func (s Schema) Index(name string) int {
	for i, q := range s {
		if q.Name == name {
			return i
		}
	}
	return -1
}

// Columns are the places of the quantities that are columns of steps.csv.
func (s Schema) Columns() (columns []int) {
	for i, q := range s {
		if q.Column {
			columns = append(columns, i)
		}
	}
	return columns
}

// Targets are the quantities that there can be a target for: at first those that the result shows.
func (s Schema) Targets() (targets Schema) {
	for _, shown := range []bool{true, false} {
		for _, q := range s {
			if q.Target() && q.Final == shown {
				targets = append(targets, q)
			}
		}
	}
	return targets
}

// Finals are the quantities whose values at the end are shown.
func (s Schema) Finals() (finals Schema) {
	for _, q := range s {
		if q.Final {
			finals = append(finals, q)
		}
	}
	return finals
}

// Names are those of all quantities.
func (s Schema) Names() (names []string) {
	for _, q := range s {
		names = append(names, q.Name)
	}
	return names
}
