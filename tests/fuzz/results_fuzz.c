/* Results files that were damaged, cut, or never were any. Whatever happened to the bytes, the seal keeps them from HDF5, and no
 * result is read that was not written.
 *
 * Input: 'R' and the bytes of a file; or any other letter and edits of an undamaged file, seven bytes each. An odd letter: the
 * seal's own checksum is made right after the edits, as an adversary would. */
#include "results.h"
#include "seal.h"
#include <string.h>
#include <xxhash.h>

enum { EDIT = 7, ROOM = 1 << 12 };

static struct ns_input_file file;

static void edit(uint8_t *bytes, size_t *length, const uint8_t *e)
{
	const size_t where = (size_t)e[1] | (size_t)e[2] << 8 | (size_t)e[3] << 16 | (size_t)e[4] << 24,
		     value = (size_t)e[5] | (size_t)e[6] << 8;
	if (*length == 0)
		return;
	const size_t at = e[0] >= 128 ? (NS_SEAL_PLACE + where % (NS_SEAL_COPIES * NS_SEAL_BYTES)) % *length : where % *length;
	const size_t left = *length - at, run = value < left ? value : left;
	switch (e[0] % 6) {
	case 0:
		bytes[at] = (uint8_t)value;
		break;
	case 1:
		bytes[at] ^= (uint8_t)(1 << value % 8);
		break;
	case 2:
		*length = at;
		break;
	case 3:
		memset(bytes + at, 0, run);
		break;
	case 4:
		memmove(bytes + at / 2, bytes + at, run);
		break;
	case 5:
		*length += value % ROOM;
		break;
	}
}

static void forge_seal(uint8_t *bytes, size_t length)
{
	struct ns_seal seal;
	if (length < NS_SEAL_PLACE + NS_SEAL_COPIES * NS_SEAL_BYTES)
		return;
	memcpy(&seal, bytes + NS_SEAL_PLACE, sizeof seal);
	seal.checksum = XXH3_64bits(&seal, offsetof(struct ns_seal, checksum));
	for (int copy = 0; copy < NS_SEAL_COPIES; copy++)
		memcpy(bytes + NS_SEAL_PLACE + copy * NS_SEAL_BYTES, &seal, sizeof seal);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static uint8_t edited[1 << 20];
	const struct results_base *base = results_base();
	if (length == 0)
		return 0;
	const uint8_t letter = *bytes++;
	length--;
	if (letter == 'R') {
		ns_input_file_write(&file, bytes, length);
		results_read(file.path, base);
		return 0;
	}
	size_t size = base->length;
	memcpy(edited, base->bytes, size);
	for (size_t e = 0; e + EDIT <= length && size + ROOM < sizeof edited; e += EDIT)
		edit(edited, &size, bytes + e);
	if (letter & 1)
		forge_seal(edited, size);
	ns_input_file_write(&file, edited, size);
	results_read(file.path, letter & 1 ? NULL : base);
	return 0;
}
