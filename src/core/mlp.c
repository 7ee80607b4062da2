/* Full-batch gradient descent needs each sample's output only for that sample's own gradient: so a block of samples goes forwards
 * and backwards while it is in the cache, and the gradient is the sum over blocks. All sums run in a fixed order. */
#include <cblas.h>
#include <math.h>
#include <nodescale/memory.h>
#include <nodescale/mlp.h>
#include <nodescale/random.h>
#include <string.h>

enum {
	WIDTH = NS_MLP_WIDTH,
	ROWS = 128, /* of a block: a fixed number, for sums over blocks are part of the results' bits */
	LANES = 8,  /* partial sums of an output, likewise */
	LAYERS = 3,
};

struct ns_mlp_work {
	double a_1[ROWS * WIDTH], a_2[ROWS * WIDTH], d_1[ROWS * WIDTH]; /* d_2 stands in place of a_2 */
	double w_2_transposed[WIDTH * WIDTH];
};

/* Pointers into an array of n_parameters: the parameters, or the gradient in them. */
struct layers {
	double *w_1, *b_1, *w_2, *b_2, *w_3, *b_3;
};

static struct layers layers_of(const struct ns_mlp *mlp, double *all)
{
	struct layers l = {.w_1 = all};
	l.b_1 = l.w_1 + mlp->inputs * WIDTH;
	l.w_2 = l.b_1 + WIDTH;
	l.b_2 = l.w_2 + WIDTH * WIDTH;
	l.w_3 = l.b_2 + WIDTH;
	l.b_3 = l.w_3 + WIDTH;
	return l;
}

/* Each unit has a stream of its own, of its fan_in weights and its bias. w (fan_in, units) */
static void draw_layer(const struct ns_mlp *mlp, uint64_t seed, uint64_t layer, size_t fan_in, size_t units, double *w, double *b)
{
	const double bound = 1 / sqrt((double)fan_in);
	for (size_t u = 0; u < units; u++) {
		struct ns_stream stream;
		ns_stream_start(&stream, seed, NS_PURPOSE_TRANSFER_NETWORK, (mlp->inputs * LAYERS + layer) * WIDTH + u);
		for (size_t k = 0; k < fan_in; k++)
			w[k * units + u] = bound * (2 * ns_stream_uniform(&stream) - 1);
		b[u] = bound * (2 * ns_stream_uniform(&stream) - 1);
	}
}

enum ns_status ns_mlp_init(struct ns_mlp *mlp, size_t inputs, uint64_t seed, struct ns_error *error)
{
	const size_t count = (inputs + 1) * WIDTH + (WIDTH + 1) * WIDTH + WIDTH + 1;
	*mlp = (struct ns_mlp){.inputs = inputs,
		.n_parameters = count,
		.parameters = ns_alloc(count, sizeof(double)),
		.work = ns_alloc(1, sizeof *mlp->work)};
	if (mlp->parameters == NULL || mlp->work == NULL) {
		ns_mlp_finish(mlp);
		return ns_error_memory(error, "the network to transfer to", (double)(sizeof *mlp->work + count * sizeof(double)));
	}
	const struct layers l = layers_of(mlp, mlp->parameters);
	draw_layer(mlp, seed, 0, inputs, WIDTH, l.w_1, l.b_1);
	draw_layer(mlp, seed, 1, WIDTH, WIDTH, l.w_2, l.b_2);
	draw_layer(mlp, seed, 2, WIDTH, 1, l.w_3, l.b_3);
	return NS_OK;
}

void ns_mlp_finish(struct ns_mlp *mlp)
{
	ns_free(mlp->parameters);
	ns_free(mlp->work);
	*mlp = (struct ns_mlp){0};
}

/* --- one block of samples --- */

/* to (rows, 64) = relu(from (rows, inputs) w + b) */
static void forward(size_t rows, size_t inputs, const double *from, const double *w, const double *b, double *to)
{
	cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)rows, WIDTH, (int)inputs, 1, from, (int)inputs, w, WIDTH, 0,
		to, WIDTH);
	for (size_t row = 0; row < rows; row++)
		for (size_t u = 0; u < WIDTH; u++) {
			const double z = to[row * WIDTH + u] + b[u];
			to[row * WIDTH + u] = z > 0 ? z : 0;
		}
}

static double output(const struct layers *l, const double *a_2)
{
	double lane[LANES] = {0};
	for (size_t u = 0; u < WIDTH; u += LANES)
		for (size_t e = 0; e < LANES; e++)
			lane[e] += a_2[u + e] * l->w_3[u + e];
	return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7])) + l->b_3[0];
}

/* Of one sample, rho the risk's derivative in its output: turns a_2 into d_2, the derivative in what the ReLU took. */
static void backward_output(const struct layers *l, double rho, double *a_2, const struct layers *g)
{
	g->b_3[0] += rho;
	for (size_t u = 0; u < WIDTH; u++) {
		const double d = a_2[u] > 0 ? rho * l->w_3[u] : 0;
		g->w_3[u] += rho * a_2[u];
		g->b_2[u] += d;
		a_2[u] = d;
	}
}

/* d_1 = (d_2 w_2^T) o [a_1 > 0], and the sums over the block's samples that need it. */
static void backward(const struct ns_mlp *mlp, size_t rows, const double *h, const struct layers *g)
{
	struct ns_mlp_work *work = mlp->work;
	const double *d_2 = work->a_2;
	cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, WIDTH, WIDTH, (int)rows, 1, work->a_1, WIDTH, d_2, WIDTH, 1, g->w_2,
		WIDTH);
	cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)rows, WIDTH, WIDTH, 1, d_2, WIDTH, work->w_2_transposed,
		WIDTH, 0, work->d_1, WIDTH);
	for (size_t row = 0; row < rows; row++)
		for (size_t u = 0; u < WIDTH; u++) {
			const double d = work->a_1[row * WIDTH + u] > 0 ? work->d_1[row * WIDTH + u] : 0;
			work->d_1[row * WIDTH + u] = d;
			g->b_1[u] += d;
		}
	cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)mlp->inputs, WIDTH, (int)rows, 1, h, (int)mlp->inputs,
		work->d_1, WIDTH, 1, g->w_1, WIDTH);
}

/* --- all samples --- */

double ns_mlp_risk(const struct ns_mlp *mlp, size_t n, const double *h, const double *y, double *gradient)
{
	struct ns_mlp_work *work = mlp->work;
	const struct layers l = layers_of(mlp, mlp->parameters), g = gradient != NULL ? layers_of(mlp, gradient) : l;
	double square = 0;
	if (gradient != NULL) {
		memset(gradient, 0, mlp->n_parameters * sizeof *gradient);
		for (size_t u = 0; u < WIDTH; u++)
			for (size_t v = 0; v < WIDTH; v++)
				work->w_2_transposed[v * WIDTH + u] = l.w_2[u * WIDTH + v];
	}
	for (size_t first = 0; first < n; first += ROWS) {
		const size_t rows = n - first < ROWS ? n - first : ROWS;
		forward(rows, mlp->inputs, h + first * mlp->inputs, l.w_1, l.b_1, work->a_1);
		forward(rows, WIDTH, work->a_1, l.w_2, l.b_2, work->a_2);
		for (size_t row = 0; row < rows; row++) {
			const double r = output(&l, work->a_2 + row * WIDTH) - y[first + row];
			square += r * r;
			if (gradient != NULL)
				backward_output(&l, 2 / (double)n * r, work->a_2 + row * WIDTH, &g);
		}
		if (gradient != NULL)
			backward(mlp, rows, h + first * mlp->inputs, &g);
	}
	return square / (double)n;
}

enum ns_status ns_mlp_train(struct ns_mlp *mlp, size_t n, const double *h, const double *y, double step_size, uint64_t steps,
	struct ns_tick tick, struct ns_error *error)
{
	double *gradient = ns_alloc(mlp->n_parameters, sizeof *gradient);
	if (gradient == NULL)
		return ns_error_memory(error, "a gradient", 8.0 * (double)mlp->n_parameters);
	enum ns_status status = NS_OK;
	for (uint64_t step = 0; step < steps && status == NS_OK; step++) {
		ns_mlp_risk(mlp, n, h, y, gradient);
		cblas_daxpy((int)mlp->n_parameters, -step_size, gradient, 1, mlp->parameters, 1);
		if (tick.call != NULL && tick.call(tick.context, (double)step / (double)steps) == NS_TICK_STOP)
			status = ns_error_set(error, NS_STOPPED, "stopped in the middle of a transfer");
	}
	ns_free(gradient);
	return status;
}
