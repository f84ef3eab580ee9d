/*
 * Integer products of dense matrices, for CPUs with instructions that the Vector API cannot express.
 *
 * A weight is an unsigned byte, its code plus 128; an input is a signed byte. Sums are exact 32-bit integers, so the order
 * of their terms does not matter and every level gives the same bits. The float operations at the end are one conversion
 * and two multiplications.
 *
 * The layout of the weights is [outputs / 64][inputs / 4][64][4]. Nothing is read or written beyond the panels, codes, scales
 * and outputs that the arguments specify. The library depends on no other library. Its only state is a number that
 * spikelet_levels sets, which is called first.
 *
 * Accumulators are separate variables, because the compiler spills arrays of them.
 */
#include <cpuid.h>
#include <immintrin.h>
#include <stdint.h>

#define EXPORT __attribute__((visibility("default")))
#define TARGET_512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni"), noinline))
#define TARGET_VNNI __attribute__((target("avx2,avxvnni"), noinline))
#define TARGET_AVX2 __attribute__((target("avx2"), noinline))

enum { PANEL = 64, QUAD = 4, MOST_COLUMNS = 6, ZERO_POINT = 128, BLOCK_QUADS = 128, AHEAD = 8192 };
enum { CACHED_TILES = 3, CACHED_QUADS = 32, LARGE_CACHE = 48 << 10, LARGE_CACHE_QUADS = 96, LARGE_CACHE_COLUMNS = 12 };
enum { AVX2 = 1, AVX_VNNI = 2, AVX512_VNNI = 3 };

/* The quads that tiles share in the first-level cache, beside those that they prefetch. */
static int64_t cached_quads = CACHED_QUADS;

/*
 * Adds the products of a few columns with quads * 4 inputs of one panel to sums[column][64]; the codes of a column start
 * row bytes after those of the previous column. Meanwhile prefetches from ahead + q * step for each quad q.
 */
typedef void tile(const uint8_t *w, int64_t quads, const int8_t *x, int64_t row, int32_t *sums, const uint8_t *ahead,
                  int64_t step);

#define PARAMETERS \
    (const uint8_t *w, int64_t quads, const int8_t *x, int64_t row, int32_t *sums, const uint8_t *ahead, int64_t step)

#define FETCH \
    _mm_prefetch(ahead + q * step, _MM_HINT_T0); \
    _mm_prefetch(ahead + q * step + 64, _MM_HINT_T0); \
    _mm_prefetch(ahead + q * step + 128, _MM_HINT_T0); \
    _mm_prefetch(ahead + q * step + 192, _MM_HINT_T0);

#define COLUMNS_1(F) F(0)
#define COLUMNS_2(F) COLUMNS_1(F) F(1)
#define COLUMNS_3(F) COLUMNS_2(F) F(2)
#define COLUMNS_4(F) COLUMNS_3(F) F(3)
#define COLUMNS_5(F) COLUMNS_4(F) F(4)
#define COLUMNS_6(F) COLUMNS_5(F) F(5)

static int32_t four_codes(const int8_t *x) {
    int32_t codes;
    __builtin_memcpy(&codes, x, sizeof codes);
    return codes;
}

/* AVX-512 VNNI: all 64 outputs, 4 vectors. */

#define LOAD_512(c) \
    __m512i a##c##0 = _mm512_loadu_si512(sums + c * PANEL); \
    __m512i a##c##1 = _mm512_loadu_si512(sums + c * PANEL + 16); \
    __m512i a##c##2 = _mm512_loadu_si512(sums + c * PANEL + 32); \
    __m512i a##c##3 = _mm512_loadu_si512(sums + c * PANEL + 48);

#define DOT_512(c) \
    { \
        __m512i v = _mm512_set1_epi32(four_codes(x + c * row + q * QUAD)); \
        a##c##0 = _mm512_dpbusd_epi32(a##c##0, w0, v); \
        a##c##1 = _mm512_dpbusd_epi32(a##c##1, w1, v); \
        a##c##2 = _mm512_dpbusd_epi32(a##c##2, w2, v); \
        a##c##3 = _mm512_dpbusd_epi32(a##c##3, w3, v); \
    }

#define STORE_512(c) \
    _mm512_storeu_si512(sums + c * PANEL, a##c##0); \
    _mm512_storeu_si512(sums + c * PANEL + 16, a##c##1); \
    _mm512_storeu_si512(sums + c * PANEL + 32, a##c##2); \
    _mm512_storeu_si512(sums + c * PANEL + 48, a##c##3);

#define TILE_512(columns) \
    TARGET_512 static void tile_512_##columns PARAMETERS { \
        COLUMNS_##columns(LOAD_512); \
        for (int64_t q = 0; q < quads; q++) { \
            const uint8_t *p = w + q * QUAD * PANEL; \
            FETCH \
            __m512i w0 = _mm512_loadu_si512(p); \
            __m512i w1 = _mm512_loadu_si512(p + 64); \
            __m512i w2 = _mm512_loadu_si512(p + 128); \
            __m512i w3 = _mm512_loadu_si512(p + 192); \
            COLUMNS_##columns(DOT_512) \
        } \
        COLUMNS_##columns(STORE_512) \
    }

TILE_512(1)
TILE_512(2)
TILE_512(3)
TILE_512(4)
TILE_512(5)
TILE_512(6)

/* AVX-VNNI, 16 registers: 64 outputs of one column, 32 of up to 3, 16 of up to 6. */

#define STRIP_2(F, c) F(c, 0) F(c, 1)
#define STRIP_4(F, c) STRIP_2(F, c) F(c, 2) F(c, 3)
#define STRIP_8(F, c) STRIP_4(F, c) F(c, 4) F(c, 5) F(c, 6) F(c, 7)
#define EACH_2(F) F(0) F(1)
#define EACH_4(F) EACH_2(F) F(2) F(3)

#define LOAD_256(c, i) __m256i a##c##i = _mm256_loadu_si256((const __m256i *)(sums + c * PANEL + s + i * 8));
#define STORE_256(c, i) _mm256_storeu_si256((__m256i *)(sums + c * PANEL + s + i * 8), a##c##i);
#define WEIGHTS_256(i) __m256i w##i = _mm256_loadu_si256((const __m256i *)(p + i * 32));
#define DOT_VNNI(c, i) a##c##i = _mm256_dpbusd_avx_epi32(a##c##i, w##i, v##c);
#define CODES_VNNI(c) __m256i v##c = _mm256_set1_epi32(four_codes(x + c * row + q * QUAD));

#define LOAD_256_2(c) STRIP_2(LOAD_256, c)
#define LOAD_256_4(c) STRIP_4(LOAD_256, c)
#define STORE_256_2(c) STRIP_2(STORE_256, c)
#define STORE_256_4(c) STRIP_4(STORE_256, c)
#define DOT_VNNI_2(c) CODES_VNNI(c) STRIP_2(DOT_VNNI, c)
#define DOT_VNNI_4(c) CODES_VNNI(c) STRIP_4(DOT_VNNI, c)

#define TILE_VNNI(columns, vectors) \
    TARGET_VNNI static void tile_vnni_##columns PARAMETERS { \
        for (int64_t s = 0; s < PANEL; s += vectors * 8) { \
            COLUMNS_##columns(LOAD_256_##vectors); \
            for (int64_t q = 0; q < quads; q++) { \
                const uint8_t *p = w + (q * PANEL + s) * QUAD; \
                if (s == 0) { \
                    FETCH \
                } \
                EACH_##vectors(WEIGHTS_256) \
                COLUMNS_##columns(DOT_VNNI_##vectors) \
            } \
            COLUMNS_##columns(STORE_256_##vectors) \
        } \
    }

TILE_VNNI(2, 4)
TILE_VNNI(3, 2)
TILE_VNNI(4, 2)
TILE_VNNI(5, 2)
TILE_VNNI(6, 2)

#define DOT_VNNI_MEMORY(c, i) \
    a##c##i = _mm256_dpbusd_avx_epi32(a##c##i, _mm256_loadu_si256((const __m256i *)(p + i * 32)), v##c);

TARGET_VNNI static void tile_vnni_1 PARAMETERS {
    const int64_t s = 0;
    STRIP_8(LOAD_256, 0)
    for (int64_t q = 0; q < quads; q++) {
        const uint8_t *p = w + q * PANEL * QUAD;
        FETCH
        CODES_VNNI(0)
        STRIP_8(DOT_VNNI_MEMORY, 0)
    }
    STRIP_8(STORE_256, 0)
}

/*
 * AVX2: bytes 0 and 2 of a quad, then 1 and 3, as pairs of 16-bit numbers, whose products cannot saturate. The codes of a
 * block are widened and sorted in the same way, once per block: (0, 2), (1, 3).
 */

#define DOT_AVX2(c, i) \
    a##c##i = _mm256_add_epi32(a##c##i, _mm256_madd_epi16(half##i, v##c)); \
    __asm__("" : "+x"(a##c##i)); /* the compiler must not add products to each other first: it has no registers for them */
#define EVEN_AVX2(c) __m256i v##c = _mm256_set1_epi32(pairs[c][0][q]);
#define ODD_AVX2(c) __m256i v##c = _mm256_set1_epi32(pairs[c][1][q]);
#define EVENS_AVX2(i) \
    __m256i half##i = _mm256_and_si256(_mm256_loadu_si256((const __m256i *)(p + i * 32)), _mm256_set1_epi16(0xff));
#define ODDS_AVX2(i) __m256i half##i = _mm256_srli_epi16(_mm256_loadu_si256((const __m256i *)(p + i * 32)), 8);
#define DOT_EVEN_2(c) EVEN_AVX2(c) STRIP_2(DOT_AVX2, c)
#define DOT_EVEN_4(c) EVEN_AVX2(c) STRIP_4(DOT_AVX2, c)
#define DOT_ODD_2(c) ODD_AVX2(c) STRIP_2(DOT_AVX2, c)
#define DOT_ODD_4(c) ODD_AVX2(c) STRIP_4(DOT_AVX2, c)
#define PAIRS(c) widen(x + c * row + done * QUAD, count, pairs[c]);

/* Bytes 0 and 2, then 1 and 3, of count quads of codes as pairs of 16-bit numbers. */
TARGET_AVX2 static void widen(const int8_t *x, int64_t count, int32_t pairs[2][BLOCK_QUADS]) {
    int64_t q = 0;
    for (; q + 8 <= count; q += 8) {
        __m256i codes = _mm256_loadu_si256((const __m256i *)(x + q * QUAD));
        __m256i even = _mm256_srai_epi16(_mm256_slli_epi16(codes, 8), 8);
        _mm256_storeu_si256((__m256i *)(pairs[0] + q), even);
        _mm256_storeu_si256((__m256i *)(pairs[1] + q), _mm256_srai_epi16(codes, 8));
    }
    for (; q < count; q++) {
        const int8_t *codes = x + q * QUAD;
        pairs[0][q] = (codes[0] & 0xffff) | codes[2] * 65536;
        pairs[1][q] = (codes[1] & 0xffff) | codes[3] * 65536;
    }
}

#define TILE_AVX2(columns, vectors) \
    TARGET_AVX2 static void tile_avx2_##columns PARAMETERS { \
        int32_t pairs[columns][2][BLOCK_QUADS]; \
        for (int64_t done = 0; done < quads; done += BLOCK_QUADS) { \
            int64_t count = quads - done < BLOCK_QUADS ? quads - done : BLOCK_QUADS; \
            COLUMNS_##columns(PAIRS) \
            const uint8_t *block = w + done * PANEL * QUAD; \
            ahead += done == 0 ? 0 : BLOCK_QUADS * step; \
            for (int64_t s = 0; s < PANEL; s += vectors * 8) { \
                COLUMNS_##columns(LOAD_256_##vectors); \
                for (int64_t q = 0; q < count; q++) { \
                    const uint8_t *p = block + (q * PANEL + s) * QUAD; \
                    if (s == 0) { \
                        FETCH \
                    } \
                    { \
                        EACH_##vectors(EVENS_AVX2) \
                        COLUMNS_##columns(DOT_EVEN_##vectors) \
                    } \
                    { \
                        EACH_##vectors(ODDS_AVX2) \
                        COLUMNS_##columns(DOT_ODD_##vectors) \
                    } \
                } \
                COLUMNS_##columns(STORE_256_##vectors) \
            } \
        } \
    }

TILE_AVX2(1, 4)
TILE_AVX2(2, 2)
TILE_AVX2(3, 2)
TILE_AVX2(4, 2)
TILE_AVX2(5, 2)
TILE_AVX2(6, 2)

static tile *const TILES_512[] = {tile_512_1, tile_512_2, tile_512_3, tile_512_4, tile_512_5, tile_512_6};
static tile *const TILES_VNNI[] = {tile_vnni_1, tile_vnni_2, tile_vnni_3, tile_vnni_4, tile_vnni_5, tile_vnni_6};
static tile *const TILES_AVX2[] = {tile_avx2_1, tile_avx2_2, tile_avx2_3, tile_avx2_4, tile_avx2_5, tile_avx2_6};

/* out[n] = (float) sums[n] * scales[n] * factor, rounded after each operation. */
#define FINISH(n) out[n] = (float)sums[n] * scales[n] * factor

TARGET_512 static void finish_512(const int32_t *sums, const float *scales, float factor, int64_t count, float *out) {
    if (count == PANEL) {
        for (int n = 0; n < PANEL; n += 16) {
            __m512 sum = _mm512_cvtepi32_ps(_mm512_loadu_si512(sums + n));
            __m512 scaled = _mm512_mul_ps(sum, _mm512_loadu_ps(scales + n));
            _mm512_storeu_ps(out + n, _mm512_mul_ps(scaled, _mm512_set1_ps(factor)));
        }
        return;
    }
    for (int64_t n = 0; n < count; n++) {
        FINISH(n);
    }
}

TARGET_AVX2 static void finish_256(const int32_t *sums, const float *scales, float factor, int64_t count, float *out) {
    if (count == PANEL) {
        for (int n = 0; n < PANEL; n += 8) {
            __m256 sum = _mm256_cvtepi32_ps(_mm256_loadu_si256((const __m256i *)(sums + n)));
            __m256 scaled = _mm256_mul_ps(sum, _mm256_loadu_ps(scales + n));
            _mm256_storeu_ps(out + n, _mm256_mul_ps(scaled, _mm256_set1_ps(factor)));
        }
        return;
    }
    for (int64_t n = 0; n < count; n++) {
        FINISH(n);
    }
}

/* Stores vectors as wide as the loads of the tiles, because narrower stores would not be forwarded to these loads. */
TARGET_512 static void begin_512(int32_t *sums, int32_t total) {
    for (int n = 0; n < PANEL; n += 16) {
        _mm512_storeu_si512(sums + n, _mm512_set1_epi32(-ZERO_POINT * total));
    }
}

TARGET_AVX2 static void begin_256(int32_t *sums, int32_t total) {
    for (int n = 0; n < PANEL; n += 8) {
        _mm256_storeu_si256((__m256i *)(sums + n), _mm256_set1_epi32(-ZERO_POINT * total));
    }
}

/*
 * Computes panels from .. to - 1 of the product of a matrix with columns of codes:
 *
 *   out[c * stride + n] = (sum over k of (weight[n, k] - 128) * codes[c * 4 * quads + k]) * scales[n] * factors[c]
 *
 * level: one that spikelet_levels reports; outputs: of the whole matrix; totals[c]: the sum of the codes of column c.
 */
EXPORT void spikelet_multiply(int32_t level, const uint8_t *weights, int64_t quads, int64_t outputs, int64_t from,
                              int64_t to, const int8_t *codes, int64_t columns, const int32_t *totals,
                              const float *factors, const float *scales, float *out, int64_t stride) {
    tile *const *tiles = level == AVX512_VNNI ? TILES_512 : level == AVX_VNNI ? TILES_VNNI : TILES_AVX2;
    int64_t row = quads * QUAD;
    int64_t bytes = row * PANEL;
    int64_t count = (columns + MOST_COLUMNS - 1) / MOST_COLUMNS;
    int64_t step = QUAD * PANEL / count; /* all tiles together prefetch the next block */
    /* A few tiles share blocks in the first-level cache; with more tiles, storing the sums costs more than that saves. */
    int64_t group = count <= CACHED_TILES ? count : 1;
    int64_t block = group == 1 ? quads : columns < LARGE_CACHE_COLUMNS ? CACHED_QUADS : cached_quads;
    for (int64_t p = from; p < to; p++) {
        const uint8_t *panel = weights + p * bytes;
        int64_t n = p * PANEL;
        int64_t some = outputs - n < PANEL ? outputs - n : PANEL;
        for (int64_t first = 0, t = 0; t < count; t += group) {
            int32_t sums[CACHED_TILES * MOST_COLUMNS * PANEL] __attribute__((aligned(64)));
            int64_t c = 0;
            for (int64_t q = 0; q < quads; q += block) {
                int64_t length = quads - q < block ? quads - q : block;
                const uint8_t *w = panel + q * QUAD * PANEL;
                int last = outputs - n <= PANEL && q + length == quads;
                c = 0;
                for (int64_t i = t; i < t + group; i++) {
                    int64_t width = columns / count + (i < columns % count);
                    const uint8_t *ahead = w;
                    if (count > 1 && !last) {
                        ahead = w + length * QUAD * PANEL + i * step * length;
                    } else if (columns > 3 && !last) {
                        ahead = w + AHEAD;
                    }
                    for (int64_t k = c; q == 0 && k < c + width; k++) {
                        (level == AVX512_VNNI ? begin_512 : begin_256)(sums + k * PANEL, totals[first + k]);
                    }
                    tiles[width - 1](w, length, codes + (first + c) * row + q * QUAD, row, sums + c * PANEL, ahead, step);
                    c += width;
                }
            }
            for (int64_t k = 0; k < c; k++, first++) {
                (level == AVX512_VNNI ? finish_512 : finish_256)(sums + k * PANEL, scales + n, factors[first], some,
                                                                 out + first * stride + n);
            }
        }
    }
}

#define PEAK_512(i) a##i = _mm512_dpbusd_epi32(a##i, v, v);
#define PEAK_VNNI(i) a##i = _mm256_dpbusd_avx_epi32(a##i, v, v);
#define PEAK_AVX2(i) \
    a##i = _mm256_add_epi32(a##i, _mm256_madd_epi16(v, u)); \
    __asm__ volatile("" : "+v"(a##i), "+v"(u)); /* the compiler must not assume that the products are equal */
#define START(i) a##i = v;
#define FOLD_512(i) v = _mm512_xor_si512(v, a##i);
#define FOLD_256(i) v = _mm256_xor_si256(v, a##i);
#define HIDE(i) __asm__ volatile("" : "+v"(a##i)); /* the compiler must not combine the steps */
#define TWELVE(F) F(0) F(1) F(2) F(3) F(4) F(5) F(6) F(7) F(8) F(9) F(10) F(11)

TARGET_512 static int32_t peak_512(int64_t steps) {
    __m512i v = _mm512_set1_epi32((int32_t)steps | 0x01010101), a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11;
    TWELVE(START)
    for (int64_t i = 0; i < steps; i++) {
        TWELVE(PEAK_512)
        TWELVE(HIDE)
    }
    TWELVE(FOLD_512)
    return _mm_cvtsi128_si32(_mm512_castsi512_si128(v));
}

TARGET_VNNI static int32_t peak_vnni(int64_t steps) {
    __m256i v = _mm256_set1_epi32((int32_t)steps | 0x01010101), a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11;
    TWELVE(START)
    for (int64_t i = 0; i < steps; i++) {
        TWELVE(PEAK_VNNI)
        TWELVE(HIDE)
    }
    TWELVE(FOLD_256)
    return _mm_cvtsi128_si32(_mm256_castsi256_si128(v));
}

TARGET_AVX2 static int32_t peak_avx2(int64_t steps) {
    __m256i v = _mm256_set1_epi32((int32_t)steps | 0x01010101), u = v, a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11;
    TWELVE(START)
    for (int64_t i = 0; i < steps; i++) {
        TWELVE(PEAK_AVX2)
    }
    TWELVE(FOLD_256)
    return _mm_cvtsi128_si32(_mm256_castsi256_si128(v));
}

/*
 * Multiplies and adds in registers, as fast as the level allows: 12 vectors per step. Returns a fold of the results, so that
 * the compiler cannot remove an operation.
 */
EXPORT int32_t spikelet_peak(int32_t level, int64_t steps) {
    return level == AVX512_VNNI ? peak_512(steps) : level == AVX_VNNI ? peak_vnni(steps) : peak_avx2(steps);
}

/* Bytes of the first-level data cache, which Intel and AMD report in leaves of one format; 0 if neither leaf is there. */
static int64_t first_level_bytes(void) {
    unsigned leaves[] = {4, 0x8000001d}, a, b, c, d;
    for (int i = 0; i < 2; i++) {
        for (unsigned cache = 0; cache < 16 && __get_cpuid_count(leaves[i], cache, &a, &b, &c, &d) && (a & 31) != 0; cache++) {
            if ((a & 31) == 1 && (a >> 5 & 7) == 1) {
                return ((b >> 22) + 1) * ((b >> 12 & 0x3ff) + 1) * ((b & 0xfff) + 1) * (int64_t)(c + 1);
            }
        }
    }
    return 0;
}

/*
 * The levels that the CPU and the operating system support, as a sum of 1 << level. The highest level does not imply the
 * others: there are CPUs with AVX-512 VNNI but without AVX-VNNI.
 */
EXPORT int32_t spikelet_levels(void) {
    unsigned a, b, c, d;
    cached_quads = first_level_bytes() < LARGE_CACHE ? CACHED_QUADS : LARGE_CACHE_QUADS;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE)) {
        return 0;
    }
    unsigned low, high;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    if ((low & 0x6) != 0x6 || !__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(b & bit_AVX2)) {
        return 0;
    }
    int32_t levels = 1 << AVX2;
    unsigned foundation = bit_AVX512F | bit_AVX512BW | bit_AVX512VL;
    if ((low & 0xe6) == 0xe6 && (b & foundation) == foundation && (c & bit_AVX512VNNI)) {
        levels |= 1 << AVX512_VNNI;
    }
    if (__get_cpuid_count(7, 1, &a, &b, &c, &d) && (a & bit_AVXVNNI)) {
        levels |= 1 << AVX_VNNI;
    }
    return levels;
}
