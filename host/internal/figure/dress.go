package figure

// Dress is what whoever asks for a figure says of its looks.
type Dress struct {
	Title string // empty leaves the figure's own
	X, Y  *bool  // whether the axis is logarithmic; nil leaves it as it is
}

// Dressed is a figure with another title and other scales, as far as it has such axes.
func Dressed(f Figure, d Dress) Figure { return f.dressed(d) }

// title is the one that is asked for, or that of the figure.
func (d Dress) title(own string) string {
	if d.Title != "" {
		return d.Title
	}
	return own
}

// axes have the scales that are asked for.
func (d Dress) axes(x, y Axis) (Axis, Axis) {
	if d.X != nil {
		x.Log = *d.X
	}
	if d.Y != nil {
		y.Log = *d.Y
	}
	return x, y
}
