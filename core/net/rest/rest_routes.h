/* The handlers of REST's routes, by file. Each ends its call. Private to rest*.c. */
#ifndef HD1_NET_REST_REST_ROUTES_H
#define HD1_NET_REST_REST_ROUTES_H

#include "net/rest/rest_call.h"

/* rest_sessions.c */
void rest_sessions_list(struct rest_call *call);
void rest_sessions_create(struct rest_call *call);
void rest_session_get(struct rest_call *call);
void rest_session_delete(struct rest_call *call);
void rest_session_clients(struct rest_call *call);
void rest_session_script(struct rest_call *call);

/* rest_objects.c */
void rest_objects_list(struct rest_call *call);
void rest_objects_create(struct rest_call *call);
void rest_object_get(struct rest_call *call);
void rest_object_patch(struct rest_call *call);
void rest_object_delete(struct rest_call *call);
/* rest_replace.c */
void rest_object_put(struct rest_call *call);

/* rest_world.c */
void rest_world_get(struct rest_call *call);
void rest_world_put(struct rest_call *call);
void rest_world_patch(struct rest_call *call);
void rest_camera_get(struct rest_call *call);
void rest_camera_position(struct rest_call *call);
void rest_camera_orbit(struct rest_call *call);

/* rest_events.c */
void rest_events_list(struct rest_call *call);
void rest_events_post(struct rest_call *call);

/* rest_registry.c */
void rest_event_types(struct rest_call *call);
void rest_scripts(struct rest_call *call);
void rest_plugins(struct rest_call *call);

/* rest_plugin.c: whatever is under /api/x/ */
void rest_plugin(struct rest_call *call);
/* rest_admin.c */
void rest_admin(struct rest_call *call);
void rest_admin_reload(struct rest_call *call);

/* rest_health.c */
void rest_healthz(struct rest_call *call);
void rest_readyz(struct rest_call *call);
void rest_metrics(struct rest_call *call);
void rest_front_page(struct rest_call *call);

/* rest.c: there is no such path, or it knows only these methods (one bit each). */
void rest_no_route(struct rest_call *call, unsigned allowed);

#endif
