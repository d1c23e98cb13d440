"""Pure functions over bytes and text: container boxes, playlists, ladders, names. No input or output happens here."""
