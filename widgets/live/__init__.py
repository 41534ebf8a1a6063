"""The workspace Live: predictions over a camera, a video or the Studio's own picture."""
