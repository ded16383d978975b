/* Words for what moves: objects and the camera. */
#ifndef HD1_TEST_HUB_MOVING_H
#define HD1_TEST_HUB_MOVING_H

struct scene;

#define CREATE(name)                                                                               \
    "{\"type\":\"object_created\",\"data\":{\"object\":{\"name\":\"" name "\",\"type\":\"cube\"}}" \
    "}"
#define UPDATE(name) "{\"type\":\"object_updated\",\"data\":{\"object\":{\"name\":\"" name "\"}}}"
#define PLACE(name, x)                                                                             \
    "{\"type\":\"object_updated\",\"data\":{\"object\":{\"name\":\"" name "\",\"x\":" x "}}}"
#define CAMERA                                                                                     \
    "{\"type\":\"camera_moved\",\"data\":{\"session_id\":\"s\",\"position\":[%d,0,0],\"target\":"  \
    "[0,0,0]}}"

/* A session `s` with objects a and b, at seq 3. */
void scene_create_pair(struct scene *scene);

#endif
