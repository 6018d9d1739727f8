package figure

// Budget is the best value to be expected after so many trials of a search, a line for each optimizer with a band.
type Budget struct {
	Title string
	X, Y  Axis
	Lines []Curve // X counts trials, Median is the expected best
	Band  string  // what the bands are
	Notes []string
}

func (f Budget) dressed(d Dress) Figure {
	f.Title = d.title(f.Title)
	f.X, f.Y = d.axes(f.X, f.Y)
	return f
}

func (f Budget) compose(s *sheet) error {
	note := "Lines: the best to be expected after so many trials."
	if f.Band != "" {
		note = "Lines: the best to be expected after so many trials; bands: " + f.Band + "."
	}
	return Curves{Title: f.Title, X: f.X, Y: f.Y, Lines: f.Lines, Notes: append([]string{note}, f.Notes...)}.compose(s)
}
