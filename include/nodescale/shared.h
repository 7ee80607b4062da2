/* What engines may share between the points of a sweep because it depends on the training inputs alone: the interval engine's
 * tour. Any number of threads may use one object at a time; sharing changes no bit of any result. */
#ifndef NODESCALE_SHARED_H
#define NODESCALE_SHARED_H

struct ns_shared;

/* NULL if memory is short. */
struct ns_shared *ns_shared_create(void);

/* Accepts NULL. No engine state that was created with it may be left. */
void ns_shared_destroy(struct ns_shared *shared);

#endif
