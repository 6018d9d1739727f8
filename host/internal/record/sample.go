package record

import "time"

// Sample is one point of the trajectory and the step that leads away from it. All of it is measured at the same weights:
// those after Step updates, 0 being the start.
type Sample struct {
	Step         int
	Epoch        int           // completed epochs; -1 if the problem has none
	Wall         time.Duration // since the start of the run
	TrainLoss    float64       // on the batch of the next step
	GradientNorm float64       // Euclidean norm of that batch's gradient, before any transform
	UpdateNorm   Value         // Euclidean norm of the update applied next; not measured at the last point
	LearningRate Value         // of the update applied next; not measured at the last point or without one
	Scheduled    []float64     // the values of the hyperparameters in Run.Scheduled, of the update applied next; nil at the last point

	ValidationLoss     Value // not measured between evaluations
	ValidationAccuracy Value // likewise

	Weights []float64 // valid during Observe; not to be changed
	Time    StepTime  // of the step that leads away; zero if there is none
}
