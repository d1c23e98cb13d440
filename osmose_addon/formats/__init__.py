"""Pure functions over bytes and text: boxes, playlists, ladders, names, words."""
