"""A camera that speaks RTSP, for tests: run by the system's Python, which has GStreamer.

    /usr/bin/python3 rtsp_camera.py PORT PICTURES FRAMES_PER_S SOUNDS SAMPLE_RATE_HZ USER PASSWORD SOUND_MODE

PICTURES and SOUNDS are files of units, each after its length in 4 bytes; SOUNDS may be `-`. SOUND_MODE is `aac`,
`g711` or `silent` (declared, but only the first few arrive). An empty USER lets everybody in. Prints `ready`.
"""

# mypy: ignore-errors

import sys
from pathlib import Path

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

PORT, PICTURES, RATE, SOUNDS, SAMPLE_RATE, USER, PASSWORD, SOUND_MODE = sys.argv[1:]

VIDEO = (
    "appsrc name=video format=time is-live=false max-buffers=8 block=false "
    'caps="video/x-{codec},stream-format=byte-stream,alignment=au" '
    "! {codec}parse config-interval=-1 ! rtp{codec}pay name=pay0 pt=96 config-interval=-1 "
)
SOUND = (
    "appsrc name=sound format=time is-live=false max-buffers=8 block=false "
    'caps="audio/mpeg,mpegversion=4,stream-format=adts,framed=true,channels=2,rate={rate}" '
    "! aacparse ! rtpmp4gpay name=pay1 pt=97 "
)
G711 = "audiotestsrc is-live=true ! audio/x-raw,rate=8000,channels=1 ! alawenc ! rtppcmapay name=pay1 pt=8 "


def units_of(path):
    """Return the units of a file."""
    body, at, units = Path(path).read_bytes(), 0, []
    while at < len(body):
        size = int.from_bytes(body[at : at + 4], "big")
        units.append(body[at + 4 : at + 4 + size])
        at += 4 + size
    return units


class Camera(GstRtspServer.RTSPMediaFactory):
    """One endless clip. Its clock never rewinds, so there is no seam where the clip begins anew."""

    def do_create_element(self, _url):
        """Build the pipeline of the camera."""
        codec = "h265" if PICTURES.endswith(".h265") else "h264"
        text = VIDEO.format(codec=codec)
        if SOUND_MODE == "g711":
            text += G711
        elif SOUNDS != "-":
            text += SOUND.format(rate=SAMPLE_RATE)
        pipeline = Gst.parse_launch(f"( {text})")
        self.feed(pipeline.get_by_name("video"), units_of(PICTURES), Gst.SECOND / float(RATE))
        if SOUNDS != "-" and SOUND_MODE != "g711":
            self.feed(pipeline.get_by_name("sound"), units_of(SOUNDS), Gst.SECOND * 1024 / int(SAMPLE_RATE))
        if SOUND_MODE == "silent":
            self.mute(pipeline.get_by_name("pay1"))
        return pipeline

    def feed(self, source, units, step_ns):
        """Give the units to a source, one after the other, for ever."""
        count = [0]

        def more(src, _size):
            unit = Gst.Buffer.new_wrapped(units[count[0] % len(units)])
            unit.pts = unit.dts = round(count[0] * step_ns)
            unit.duration = round((count[0] + 1) * step_ns) - unit.pts
            count[0] += 1
            src.emit("push-buffer", unit)

        source.connect("need-data", more)

    def mute(self, payloader):
        """Drop all but the first few packets of sound, which the pipeline needs to start."""
        passed = [0]

        def probe(_pad, _info):
            passed[0] += 1
            return Gst.PadProbeReturn.OK if passed[0] <= 3 else Gst.PadProbeReturn.DROP

        payloader.get_static_pad("src").add_probe(Gst.PadProbeType.BUFFER | Gst.PadProbeType.BUFFER_LIST, probe)


def protect(server, factory):
    """Let only the user with the password in, by Digest."""
    auth = GstRtspServer.RTSPAuth.new()
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    token = GstRtspServer.RTSPToken.new()
    token.set_string("media.factory.role", "user")
    auth.add_digest(USER, PASSWORD, token)
    server.set_auth(auth)
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_role("user")
    permissions.add_permission_for_role("user", "media.factory.access", True)  # noqa: FBT003
    permissions.add_permission_for_role("user", "media.factory.construct", True)  # noqa: FBT003
    factory.set_permissions(permissions)


def main():
    """Serve `/live` until killed."""
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(PORT)
    factory = Camera()
    factory.set_shared(True)
    factory.set_latency(0)
    if USER:
        protect(server, factory)
    server.get_mount_points().add_factory("/live", factory)
    if not server.attach(None):
        sys.exit("port in use")
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    GLib.MainLoop().run()


if __name__ == "__main__":
    gi.require_version("GstRtsp", "1.0")
    from gi.repository import GstRtsp

    main()
