/* Edit distance, with two neighbours exchanged counted as one slip. */
#include "suggest.h"

#define WORD_MAX 48

static size_t
min_of(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t
cell(size_t rows[3][WORD_MAX + 1], struct span a, struct span b, size_t i, size_t j)
{
    size_t differs = a.at[i - 1] != b.at[j - 1];
    size_t least = min_of(rows[1][j] + 1, rows[2][j - 1] + 1);

    least = min_of(least, rows[1][j - 1] + differs);
    if (i > 1 && j > 1 && a.at[i - 1] == b.at[j - 2] && a.at[i - 2] == b.at[j - 1])
        least = min_of(least, rows[0][j - 2] + 1);
    return least;
}

/* Both at most WORD_MAX long. rows[2] is the row being filled, rows[1] and rows[0] those before it.
 */
static size_t
distance_of(struct span a, struct span b)
{
    size_t rows[3][WORD_MAX + 1] = {{0}};

    for (size_t j = 0; j <= b.len; j++)
        rows[2][j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        memcpy(rows[0], rows[1], sizeof(rows[0]));
        memcpy(rows[1], rows[2], sizeof(rows[1]));
        rows[2][0] = i;
        for (size_t j = 1; j <= b.len; j++)
            rows[2][j] = cell(rows, a, b, i, j);
    }
    return rows[2][b.len];
}

void
suggest_init(struct suggest *suggest, struct span word)
{
    *suggest = (struct suggest){word, NULL, 0};
}

void
suggest_try(struct suggest *suggest, const char *known)
{
    struct span word = span_of(known);
    size_t distance, bound;

    if (suggest->word.len > WORD_MAX || word.len > WORD_MAX)
        return;
    distance = distance_of(suggest->word, word);
    bound = min_of(3, (word.len + 2) / 3);
    if (distance <= bound &&
        (!suggest->best || distance < suggest->distance ||
         (distance == suggest->distance && strcmp(known, suggest->best) < 0))) {
        suggest->best = known;
        suggest->distance = distance;
    }
}
