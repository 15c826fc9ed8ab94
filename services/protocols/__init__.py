"""What takes several writes and must come out right when a crash or another falls in between.

Each module tells at its head its steps and the cases they are made for.
"""
