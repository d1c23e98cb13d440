"""Mains of child processes: the only place that parses media, images, subtitles and XML.

Each module is started by its name and has `main(order, hub)`; see `runtime/child`.
"""
