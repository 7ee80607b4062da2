/* The seal: what makes damage to a results file known before HDF5 reads it. Private to src/store.
 *
 * After a file is made nothing but the points' slots is ever written. The seal holds a checksum of all other bytes, where the
 * slots stand, and its own checksum. It stands twice, at a fixed place near the file's beginning, as the data of the variable
 * `seal` (and not in an HDF5 user block, which would hide HDF5's signature from tools that look for it at the file's first byte,
 * as xarray does). HDF5's own parser is not made for damaged files: it must never see one. */
#ifndef NODESCALE_STORE_SEAL_H
#define NODESCALE_STORE_SEAL_H

#include <nodescale/schema.h>
#include <nodescale/status.h>

enum { NS_SEAL_BYTES = 4096, NS_SEAL_COPIES = 2, NS_SEAL_PLACE = 4096, NS_SEAL_ROOM = 128 };

/* Consecutive bytes of the file. */
struct ns_region {
	uint64_t offset, bytes;
};

/* As it stands in the file, little endian. */
struct ns_seal {
	char magic[8];
	uint32_t format, n_variables;
	uint64_t file_bytes, n_points;
	uint64_t meaning;                        /* ns_meaning of the experiment */
	uint64_t constant;                       /* XXH3 of the bytes that never change */
	struct ns_region variable[NS_SEAL_ROOM]; /* by enum ns_variable; bytes 0: not in the file */
	uint64_t checksum;                       /* of the fields above */
};
_Static_assert(sizeof(struct ns_seal) <= NS_SEAL_BYTES && (int)NS_VAR_COUNT <= (int)NS_SEAL_ROOM, "the seal has its place");
_Static_assert(
	__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the file's numbers are little endian and written as they stand in memory");

enum ns_seal_state {
	NS_SEAL_INTACT,
	NS_SEAL_BROKEN,  /* a results file that is damaged; the seal itself can be relied on */
	NS_SEAL_FOREIGN, /* a results file of another format */
	NS_SEAL_MISSING, /* no results file, or one whose seal is gone as well */
};

/* Fills the checksums of seal, whose other fields stand, and writes it into the file. */
enum ns_status ns_seal_apply(int file, struct ns_seal *seal, struct ns_error *error);

/* Checks every byte that never changes. reason (not for NS_SEAL_INTACT): what is wrong, as in "FILE: reason". seal is filled
 * only if it is intact or broken. */
enum ns_seal_state ns_seal_check(int file, struct ns_seal *seal, char *reason, size_t size);

#endif
