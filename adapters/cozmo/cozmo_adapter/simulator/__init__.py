"""A Cozmo on the wire: everything that a client can see of the robot over UDP, with a codec of its own.

What it records beside sound and pictures, by type of event:

```
started          address, firmware
connected        client
disconnected     the client has gone
client_dropped   the client was silent for 5 s
command          name and fields of a command, as it is taken (streams of sound and pictures excepted)
unknown          body, why: a packet with an id that the simulator does not know
malformed        body, why: a packet that does not fit its id
speech_began     volume 0..1
speech_ended     volume 0..1
starved          frames of silence inside speech for which nothing was there
packet_dropped   name of a packet that the full animation buffer did not take
face             picture: file name
message          text that the robot's own software shows
bad_image        code, why: an image that is none
injected         event
powered_off      everything in memory is lost
stopped          counters
```
"""
