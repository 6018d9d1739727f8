package measure

import (
	"fmt"
	"math"
	"strconv"
	"unicode"

	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/proto"
)

// Error is what is wrong with a measure, and where in its text.
type Error struct {
	Text            string
	At, Length      int // of the part that is wrong, in characters
	Message, Remedy string
}

func (e *Error) Error() string {
	return fmt.Sprintf("%q, character %d: %s; %s", e.Text, e.At+1, e.Message, e.Remedy)
}

// word is one of a text.
type word struct {
	text string
	at   int // characters before it
}

func split(text string) (words []word) {
	begin, characters := -1, 0 // of the word, in bytes
	end := func(i int) {
		if begin >= 0 {
			words[len(words)-1].text = text[begin:i]
		}
		begin = -1
	}
	for i, r := range text {
		switch space := unicode.IsSpace(r); {
		case space:
			end(i)
		case begin < 0:
			words, begin = append(words, word{at: characters}), i
		}
		characters++
	}
	end(len(text))
	return words
}

// parser reads the words of a text, the one after the other.
type parser struct {
	text  string
	words []word
	next  int
}

// fault reports something wrong with a word, by its place; behind the last it is what is missing.
func (p *parser) fault(i int, message, remedy string) *Error {
	e := &Error{Text: p.text, Message: message, Remedy: remedy}
	if i < len(p.words) {
		e.At, e.Length = p.words[i].at, len([]rune(p.words[i].text))
	} else if i > 0 {
		last := p.words[i-1]
		e.At = last.at + len([]rune(last.text))
	}
	return e
}

// spellings are the ways to say when, as they are written.
var spellings = []string{"final", "best", "at step N", "mean over last N"}

// meant are words that other tools have for them.
var meant = map[string]string{"last": "final", "end": "final", "min": "best", "max": "best", "minimum": "best", "maximum": "best", "lowest": "best",
	"highest": "best", "step": "at step N", "average": "mean over last N", "avg": "mean over last N"}

// Parse reads a measure such as "train_loss", "validation_accuracy best", "gradient_norm at step 100" or
// "train_loss mean over last 50". The error is an [Error]. Whether there is such a quantity says [Measure.Check].
func Parse(text string) (Measure, error) {
	p := &parser{text: text, words: split(text), next: 2}
	if len(p.words) == 0 {
		return Measure{}, p.fault(0, "there is no measure", "name a quantity, such as train_loss")
	}
	m := Measure{Quantity: p.words[0].text}
	var err *Error
	switch p.word(1) {
	case "", "final":
	case "best":
		m.When = Best
	case "at":
		m.When = AtStep
		m.N, err = p.number(0, "at step N", "step")
	case "mean":
		m.When = MeanOverLast
		m.N, err = p.number(1, "mean over last N", "over", "last")
	default:
		err = p.unknown()
	}
	if err == nil && p.next < len(p.words) {
		err = p.fault(p.next, fmt.Sprintf("nothing can follow %q", Measure.String(m)), fmt.Sprintf("remove %q", p.words[p.next].text))
	}
	if err != nil {
		return Measure{}, err
	}
	return m, nil
}

// word is the text of a word, empty behind the last.
func (p *parser) word(i int) string {
	if i < len(p.words) {
		return p.words[i].text
	}
	return ""
}

// number reads some words and a whole number.
func (p *parser) number(least int, spelling string, words ...string) (int, *Error) {
	for _, want := range words {
		if p.word(p.next) != want {
			return 0, p.fault(p.next, fmt.Sprintf("the word %q must stand here", want), "write "+spelling)
		}
		p.next++
	}
	text := p.word(p.next)
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > math.MaxInt32 {
		return 0, p.fault(p.next, fmt.Sprintf("N is a whole number of at least %d, not %q", least, text), "write "+spelling+", such as "+
			fmt.Sprintf("%s %d", spelling[:len(spelling)-2], 100))
	}
	p.next++
	return n, nil
}

// unknown reports the second word.
func (p *parser) unknown() *Error {
	text := p.words[1].text
	remedy := proto.DidYouMean(text, spellings)
	if whole := p.words[0].text + "_" + text; (Measure{Quantity: whole}).standard() {
		remedy = "write " + whole
	} else if m, ok := meant[text]; ok {
		remedy = "write " + m
	}
	return p.fault(1, fmt.Sprintf("%q says not when", text), remedy)
}

func (m Measure) standard() bool {
	_, ok := m.Find(record.Standard())
	return ok
}
