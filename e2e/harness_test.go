package e2e

import "testing"

// What the other tests lean on has to be able to fail.

func TestMismatchSeesWhatDiffers(t *testing.T) {
	t.Parallel()
	got := obj{"Name": "Ana", "Unread": 2.0, "Users": []any{obj{"_id": "u1", "Email": ""}}}
	tests := map[string]struct {
		want any
		same bool
	}{
		"more keys are fine":                {obj{"Name": "Ana"}, true},
		"but not where the keys are exact":  {exact{"Name": "Ana"}, false},
		"all keys where they are exact":     {exact{"Name": "Ana", "Unread": 2, "Users": list{obj{}}}, true},
		"a missing key":                     {obj{"Nome": "Ana"}, false},
		"another value":                     {obj{"Name": "Ben"}, false},
		"a number is no text":               {obj{"Unread": "2"}, false},
		"a text is no number":               {obj{"Name": 2}, false},
		"inside a list":                     {obj{"Users": list{obj{"_id": "u1"}}}, true},
		"another length of a list":          {obj{"Users": list{}}, false},
		"a rule that holds":                 {obj{"Unread": someNumber}, true},
		"a rule that does not":              {obj{"Name": isoTime}, false},
		"an object where there is a list":   {obj{"Users": obj{}}, false},
		"a list where there is an object":   {list{}, false},
		"an empty text is a text":           {obj{"Users": list{obj{"Email": ""}}}, true},
		"an empty text is not any old text": {obj{"Users": list{obj{"Email": someText}}}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if why := mismatch("", tt.want, got); (why == "") != tt.same {
				t.Errorf("mismatch says %q", why)
			}
		})
	}
}

func TestDifferenceSeesWhatIsMissingAndWhatIsTooMuch(t *testing.T) {
	t.Parallel()
	a, b := received{"a", obj{"n": 1.0}}, received{"b", obj{"n": 2.0}}
	wantA, wantB := got("a", obj{"n": 1}), got("b", obj{"n": 2})
	tests := map[string]struct {
		wanted, delta []received
		same          bool
	}{
		"nothing of nothing":       {nil, nil, true},
		"the same":                 {[]received{wantA, wantB}, []received{a, b}, true},
		"the same, other order":    {[]received{wantB, wantA}, []received{a, b}, true},
		"one is missing":           {[]received{wantA, wantB}, []received{a}, false},
		"one too many":             {[]received{wantA}, []received{a, b}, false},
		"once is not twice":        {[]received{wantA}, []received{a, a}, false},
		"twice is not once":        {[]received{wantA, wantA}, []received{a}, false},
		"something out of nothing": {nil, []received{a}, false},
		"another payload":          {[]received{got("a", obj{"n": 2})}, []received{a}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if why := difference(tt.wanted, tt.delta); (why == "") != tt.same {
				t.Errorf("difference says %q", why)
			}
		})
	}
}
