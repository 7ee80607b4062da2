#include "seal.h"
#include "pieces.h"
#include <errno.h>
#include <nodescale/memory.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

enum { PIECE = 1 << 20 };
static const char magic[8] = "NSSEAL\r\n", hdf5_magic[8] = "\211HDF\r\n\032\n";
static const uint64_t seal_end = NS_SEAL_PLACE + NS_SEAL_COPIES * NS_SEAL_BYTES;

static uint64_t own_checksum(const struct ns_seal *seal)
{
	return XXH3_64bits(seal, offsetof(struct ns_seal, checksum));
}

static int by_offset(const void *a, const void *b)
{
	const struct ns_region *one = a, *other = b;
	return (one->offset > other->offset) - (one->offset < other->offset);
}

static bool hash_between(int file, uint64_t start, uint64_t end, XXH3_state_t *hash, void *piece)
{
	for (uint64_t at = start; at < end;) {
		const size_t length = end - at < PIECE ? (size_t)(end - at) : PIECE;
		if (!ns_read_all(file, piece, length, at))
			return false;
		XXH3_64bits_update(hash, piece, length);
		at += length;
	}
	return true;
}

/* Hash of the bytes outside the slots and the seal. */
static bool hash_constant(int file, const struct ns_seal *seal, uint64_t *constant)
{
	struct ns_region left_out[NS_VAR_COUNT + 1] = {{NS_SEAL_PLACE, seal_end - NS_SEAL_PLACE}};
	size_t count = 1;
	for (int v = 0; v < NS_VAR_COUNT; v++)
		if (ns_schema_in_slot((enum ns_variable)v) && seal->variable[v].bytes > 0)
			left_out[count++] = seal->variable[v];
	qsort(left_out, count, sizeof *left_out, by_offset);
	XXH3_state_t *hash = XXH3_createState();
	void *piece = ns_alloc(PIECE, 1);
	bool good = hash != NULL && piece != NULL;
	if (good)
		XXH3_64bits_reset(hash);
	uint64_t at = 0;
	for (size_t k = 0; k < count && good; k++) {
		good = hash_between(file, at, left_out[k].offset, hash, piece);
		at = left_out[k].offset + left_out[k].bytes;
	}
	good = good && hash_between(file, at, seal->file_bytes, hash, piece);
	*constant = good ? XXH3_64bits_digest(hash) : 0;
	ns_free(piece);
	XXH3_freeState(hash);
	return good;
}

enum ns_status ns_seal_apply(int file, struct ns_seal *seal, struct ns_error *error)
{
	unsigned char block[NS_SEAL_COPIES * NS_SEAL_BYTES] = {0};
	struct stat about;
	if (fstat(file, &about) != 0)
		return ns_error_set(error, NS_FAILED, "its size is unknown: %s", strerror(errno));
	memcpy(seal->magic, magic, sizeof magic);
	seal->format = NS_FORMAT_VERSION;
	seal->n_variables = NS_VAR_COUNT;
	seal->file_bytes = (uint64_t)about.st_size;
	if (!hash_constant(file, seal, &seal->constant))
		return ns_error_set(error, NS_FAILED, "it cannot be read back: %s", strerror(errno));
	seal->checksum = own_checksum(seal);
	for (int copy = 0; copy < NS_SEAL_COPIES; copy++)
		memcpy(block + copy * NS_SEAL_BYTES, seal, sizeof *seal);
	if (!ns_write_all(file, block, sizeof block, NS_SEAL_PLACE))
		return ns_error_set(error, NS_FAILED, "its seal cannot be written: %s", strerror(errno));
	return NS_OK;
}

/* Slots must consist of whole rows. */
static bool has_whole_rows(const struct ns_seal *seal, enum ns_variable variable)
{
	const uint64_t bytes = seal->variable[variable].bytes, nodes = seal->variable[NS_VAR_OUTPUT_SIGN].bytes / sizeof(double),
		       rows = ns_schema_variable(variable).dimensions[0] == NS_DIM_KEPT_NODE ? nodes : seal->n_points;
	return !ns_schema_in_slot(variable) || bytes == 0 || (rows > 0 && bytes % rows == 0);
}

/* Sizes that the rest may compute with. */
static bool is_plausible(const struct ns_seal *seal)
{
	bool good = seal->n_points > 0 && seal->n_variables == NS_VAR_COUNT;
	for (int v = 0; v < NS_VAR_COUNT && good; v++)
		good = seal->variable[v].bytes <= seal->file_bytes &&
		       seal->variable[v].offset <= seal->file_bytes - seal->variable[v].bytes &&
		       has_whole_rows(seal, (enum ns_variable)v);
	return good && seal->variable[NS_VAR_STATUS].bytes == seal->n_points;
}

enum ns_seal_state ns_seal_check(int file, struct ns_seal *out, char *reason, size_t size)
{
	unsigned char head[sizeof hdf5_magic] = {0}, block[NS_SEAL_COPIES * NS_SEAL_BYTES] = {0};
	struct stat about;
	struct ns_seal seal = {0};
	if (fstat(file, &about) != 0 || !S_ISREG(about.st_mode)) {
		snprintf(reason, size, "is not a file");
		return NS_SEAL_MISSING;
	}
	ns_read_most(file, head, sizeof head, 0);
	ns_read_most(file, block, sizeof block, NS_SEAL_PLACE);
	int intact = 0;
	for (int copy = NS_SEAL_COPIES - 1; copy >= 0; copy--) {
		struct ns_seal candidate;
		memcpy(&candidate, block + copy * NS_SEAL_BYTES, sizeof candidate);
		if (memcmp(candidate.magic, magic, sizeof magic) != 0 || candidate.checksum != own_checksum(&candidate))
			continue;
		intact++;
		seal = candidate;
	}
	if (intact == 0) {
		snprintf(reason, size, "%s",
			about.st_size == 0 ? "is empty"
			: memcmp(head, hdf5_magic, sizeof head) != 0
				? "is not a results file"
				: "has no seal: it is not a results file of this program, or it is damaged");
		return NS_SEAL_MISSING;
	}
	if (seal.format != NS_FORMAT_VERSION) {
		snprintf(reason, size, "has format %u, this program reads format %d%s", seal.format, NS_FORMAT_VERSION,
			seal.format > NS_FORMAT_VERSION ? ": a newer nodescale wrote it" : "");
		return NS_SEAL_FOREIGN;
	}
	if (!is_plausible(&seal)) {
		snprintf(reason, size, "has a seal that contradicts itself: no nodescale wrote it");
		return NS_SEAL_MISSING;
	}
	*out = seal;
	uint64_t constant;
	unsigned char expected[sizeof block] = {0};
	for (int copy = 0; copy < NS_SEAL_COPIES; copy++)
		memcpy(expected + copy * NS_SEAL_BYTES, &seal, sizeof seal);
	if ((uint64_t)about.st_size != seal.file_bytes)
		snprintf(reason, size, "is damaged: it has %lld bytes but should have %llu", (long long)about.st_size,
			(unsigned long long)seal.file_bytes);
	else if (memcmp(block, expected, sizeof block) != 0)
		snprintf(reason, size, "is damaged: the two copies of its seal differ");
	else if (!hash_constant(file, &seal, &constant))
		snprintf(reason, size, "cannot be read: %s", strerror(errno));
	else if (constant != seal.constant)
		snprintf(reason, size, "is damaged: bytes outside the points' results have changed");
	else
		return NS_SEAL_INTACT;
	return NS_SEAL_BROKEN;
}
