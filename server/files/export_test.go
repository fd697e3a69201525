package files

import "time"

// Hurry changes how long a client may take for one piece.
func (d *Door) Hurry(takes time.Duration) { d.takes = takes }
