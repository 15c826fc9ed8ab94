"""A day of the out-patient department, played through the service and checked by its answers.

Read in this order: `plan` (what a day brings, the story) and `chance` (drawn days, the patients);
`happenings` (what can happen), `clinic` (who is there, the agenda, what has happened), `patients`
and `doctors` (what people do) and `day` (lets it happen, on its own date at the service or another);
`snapshot` and `invariants` (what must hold at each look); `narration` tells it to people, `report`
what it came to, in `figures`. `client` asks the service, `run` plays days at it, `replay` real
`consultations`, `command_line` has the arguments.
"""
