"""A day of the out-patient department, played through the service and checked by its answers.

Read in this order: `plan` (what a day brings, the story) and `chance` (drawn days, the patients);
`clinic` (who is there, the agenda, what has happened), `visits` and `mishaps` (what people do) and
`day` (lets it happen, and looks); `snapshot` and `invariants` (what must hold at each look);
`report` (the figures), told to people by `narration` and `tables`. `desk` asks the service, `run`
plays days at it, `replay` real consultations, `command_line` has the arguments.
"""
