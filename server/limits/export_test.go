package limits

// Known is how many users are.
func (u *Users) Known() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return len(u.users)
}
