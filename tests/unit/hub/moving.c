/* See moving.h. */
#include "moving.h"

#include "rest.h"
#include "scene.h"

void
scene_create_pair(struct scene *scene)
{
    scene_create(scene, "s");
    scene_post(scene, "s", NULL, "[" CREATE("a") "," CREATE("b") "]");
}
