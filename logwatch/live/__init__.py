"""The live driver: logs that are being written, as one ordered stream of events for the engine.

    followings = open_followings(names, ...)            # names -> what is followed (following/)
    driver = LiveDriver(followings, reading)            # chunks -> records -> entries
    course = Course(ruleset, lateness, bookkeepers)     # entries, in order -> engine
    while running:
        for entry in driver.turn(now, wall):
            course.apply(entry)

An `Entry` is all that ever happens to a `Course`, and what becomes of a course follows from its entries alone: who
writes them down can go through them again. No step reads a clock.
"""
