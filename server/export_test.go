package server

import (
	"time"

	"github.com/labstack/echo/v4"
)

// Prompt is what bounds how long a body may take, where these doors are.
func Prompt(patience time.Duration, doors ...Door) echo.MiddlewareFunc {
	return prompt(patience, Parts{Doors: doors}.takesFiles)
}
