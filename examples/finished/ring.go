package ring

// Buffer holds the last values that were put into it.
type Buffer struct {
	values []int
	next   int
	full   bool
}

// Put adds a value; the oldest one goes when there is no room.
func (b *Buffer) Put(value int) {
	b.values[b.next] = value
	b.next = (b.next + 1) % len(b.values)
	if b.next == 0 {
		b.full = true
	}
}

// Len returns how many values the buffer holds.
func (b *Buffer) Len() int {
	if b.full {
		return len(b.values)
	}
	return b.next
}
