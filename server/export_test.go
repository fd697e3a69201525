package server

// Prompt is what bounds how long a body may take.
var Prompt = prompt
