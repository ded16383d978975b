/* Chance, the same for the same seed (splitmix64). */
#include "play.h"

uint32_t
play_random(struct play *play, uint32_t below)
{
    uint64_t z = play->random += 0x9E3779B97F4A7C15;

    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return (uint32_t)((z ^ (z >> 31)) >> 32) % below;
}

bool
play_chance(struct play *play, uint32_t percent)
{
    return play_random(play, 100) < percent;
}
