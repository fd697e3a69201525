package load

import (
	"errors"
	"testing"
)

func TestOrder(t *testing.T) {
	t.Parallel()
	type message struct {
		n   int
		seq int64
	}
	tests := map[string]struct {
		strict bool
		come   []message
		sent   int
		want   error // of the last that came, or of the end
		late   int
	}{
		"in order":                    {true, []message{{0, 4}, {1, 5}, {2, 9}}, 3, nil, 0},
		"nothing":                     {true, nil, 0, nil, 0},
		"twice":                       {true, []message{{0, 4}, {0, 4}}, 1, ErrTwice, 0},
		"twice, with another place":   {true, []message{{0, 4}, {0, 5}}, 1, ErrTwice, 0},
		"one is missing":              {true, []message{{0, 4}, {2, 6}}, 3, ErrOrder, 0},
		"a place that falls":          {true, []message{{0, 4}, {1, 3}}, 2, ErrOrder, 0},
		"a place that stays":          {true, []message{{0, 4}, {1, 4}}, 2, ErrOrder, 0},
		"the last is missing":         {true, []message{{0, 4}}, 2, ErrLost, 0},
		"swapped, where that may be":  {false, []message{{1, 5}, {0, 4}, {2, 6}}, 3, nil, 1},
		"mixed, where that may be":    {false, []message{{3, 1}, {2, 2}, {0, 3}, {1, 4}}, 4, nil, 2},
		"twice, before its turn":      {false, []message{{1, 5}, {1, 5}}, 2, ErrTwice, 0},
		"twice, after its turn":       {false, []message{{1, 5}, {0, 4}, {1, 5}}, 2, ErrTwice, 1},
		"a gap, where order is loose": {false, []message{{0, 4}, {2, 6}}, 3, ErrLost, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := order{strict: tt.strict}
			var err error
			for i, m := range tt.come {
				if err != nil {
					t.Fatalf("message %d: %v", i-1, err)
				}
				err = o.arrived(m.n, m.seq)
			}
			if err == nil {
				err = o.complete(tt.sent)
			}
			if !errors.Is(err, tt.want) || o.late != tt.late {
				t.Errorf("error %v, late %d", err, o.late)
			}
		})
	}
}

func TestOrderIsBounded(t *testing.T) {
	t.Parallel()
	o := order{}
	var err error
	for n := 1; n <= maxAhead+1 && err == nil; n++ {
		err = o.arrived(n, int64(n))
	}
	if !errors.Is(err, ErrLost) || len(o.ahead) > maxAhead {
		t.Errorf("%d wait: %v", len(o.ahead), err)
	}
}
