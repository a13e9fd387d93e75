/* The name that a misspelt one was probably meant to be. */
#ifndef SIM_NEAREST_H
#define SIM_NEAREST_H

/* Of the names in the list that ends with NULL; NULL when none is near enough. */
const char *nearest_name(const char *wrong, const char *const *names);

#endif
