"""A day of the out-patient department, played through the service and checked by its answers.

Read in this order: `plan` (what a day brings, the story) and `chance` (drawn days, the patients);
`happenings` (what can happen, in words), `clinic` (who is there, the agenda, what has happened),
`visits` and `mishaps` (what people do) and `day` (lets it happen); `snapshot` and `invariants`
(what must hold at each look); `narration` tells it to people, `report` what it came to, in
`figures`. `live` lets a day pass by the service's own clock, as people attend it
(`attendance`). `client` asks the service, `run` plays days at it, `replay` real consultations,
`accuracy` measures what was foreseen, `command_line` has the arguments.
"""
