"""A stand-in for the provider's REST API v2 that people run on purpose.

It keeps everything in memory and forgets it when it stops. It shares no code with the gateway, so that the two can
disagree. Start reading at `app.build_sandbox`.
"""
