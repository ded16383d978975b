/* See usage.h. */
#include "usage.h"

#include "options.h"

#include <stdio.h>

static const char text[] =
    "wsload " VERSION " - WebSocket fan-out load generator\n"
    "  --host ADDR --port N --path P      P: %d = client index, %r = room index, %% = percent\n"
    "  --path-file FILE                   one path per client, a line each (overrides --path)\n"
    "  --header 'K: V'  --subprotocol S   extra request headers (repeatable)\n"
    "  --clients N --rooms M              client i is in room i % M\n"
    "  --connect-rate R --connect-inflight N --connect-timeout S\n"
    "  --hello T | --hello-hex HEX        sent after the upgrade (repeatable, in order)\n"
    "  --hello-binary                     send --hello as binary frames\n"
    "  --ready STR                        joined once a message with STR came (else after "
    "upgrade)\n"
    "  --reply A=B                        answer a message that is exactly A with B\n"
    "  --publishers P                     the first P clients publish (0: idle connections)\n"
    "  --rate R                           messages/s over all publishers; 0: closed loop\n"
    "  --window W                         closed loop: messages outstanding per publisher\n"
    "  --message T --payload BYTES        {ts} {seq} {id} {room} {pad}\n"
    "  --msg-prefix-hex HEX --binary      bytes before the message; send as binary frames\n"
    "  --marker STR                       what precedes the timestamp (default \"ts\":)\n"
    "  --mask 0|1                         0: all-zero mask key (default), 1: random key\n"
    "  --ts intended|actual               what {ts} is at a fixed rate (default intended)\n"
    "  --expect-fanout K | --exclude-self deliveries expected per message (default: room size)\n"
    "  --duration S --warmup S --settle S --drain S\n"
    "  --server-pid PID[,PID]             account CPU and memory of these and their children\n"
    "  --label STR --json-only";

void
usage_print(void)
{
    puts(text);
}
