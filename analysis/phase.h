/* Phase diagrams. Private to analysis. */
#ifndef NODESCALE_ANALYSIS_PHASE_H
#define NODESCALE_ANALYSIS_PHASE_H

#include "map.h"

struct ns_phase {
	struct ns_measure measure;
	enum ns_key x, y;
	size_t most;             /* maps, where other keys vary too */
	bool refuses_more;       /* otherwise as many as most, spread evenly */
	const char *name_prefix; /* of the file: before the quantity */
	bool names_axes;         /* behind it: test_risk_by_gamma_alpha */
};

/* At options->at, averaged by options->over: a map for each combination of the keys that remain. */
enum ns_status ns_phase_draw(struct ns_drawing *drawing, const struct ns_phase *phase, struct ns_error *error);

/* What is drawn where nothing was asked for. */
enum { NS_PHASE_MEASURES = 4 };
extern const struct ns_measure ns_phase_measures[NS_PHASE_MEASURES];

#endif
