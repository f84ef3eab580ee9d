package io.spikelet.engine.family.symboliclight;

import io.spikelet.engine.kernel.Entropy;
import io.spikelet.engine.kernel.Kernels;
import io.spikelet.engine.model.EarlyExitPass;
import io.spikelet.engine.model.PassColumns;
import java.util.Arrays;
import java.util.List;

/**
 * The forward pass of SymbolicLight V1 (arXiv 2605.21333), for every column of a pass. With v the membrane, x the
 * residual stream, s the spikes, h the decay state of a head, and theta the threshold. The right column gives the
 * section of the specification that the classes cite:
 *
 * <pre>
 * encoder     x = LN(E[token])                                              2    {@link SpikeEncoder}
 *             v = clamp(leak * v + x, -3, 3);  s = [v &gt;= theta];  v = 0 where s
 *
 * each block  decay      h = d * h + (1 - d) * (W_tcam s)                   3.2  {@link TcamDecay}
 *             attention  q, k, v = W_q x, W_k x, W_v x;  q, k rotated       3.3  {@link SlidingWindowAttention}, {@link Rope}
 *                        a = sum over visible j of softmax(q k_j / sqrt(dh)) v_j;  0 if s is empty
 *                        key j is visible iff {@link Visibility}
 *             merge      m = g * a + (1 - g) * h                            3.4  {@link Block}
 *                        y = LN(x + W_out m)
 *             feed       u = [W_up y &gt;= theta]                             3.5  {@link SpikingFeedForward}
 *             forward    x = LN(y + W_down u);  s = [x &gt;= theta]
 *
 * head        logits = W_o x + w * (W_2 GELU(W_0 x)), or + w * log prior    4    {@link OutputHead}
 * </pre>
 *
 * <p>W_tcam and W_down multiply spikes and add one vector for each; all others multiply continuous values. The spikes
 * that upstream computes between merge and feed-forward are never used, so they are not computed here.
 */
final class SymbolicLightPass implements EarlyExitPass {
    private final SpikeEncoder encoder;
    private final List<Block> blocks;
    private final OutputHead head;
    private final int vocabulary;
    private final Kernels kernels;
    private final PassBuffers buffers;
    private final SlidingWindowAttention.Scratch attention;
    private final OutputHead.Scratch headScratch;
    private final BlockState[] running; // (column), of the block that runs

    SymbolicLightPass(
            SymbolicLightConfig config,
            SpikeEncoder encoder,
            List<Block> blocks,
            OutputHead head,
            Rope rope,
            int maxColumns,
            int vocabulary,
            Kernels kernels) {
        this.encoder = encoder;
        this.blocks = blocks;
        this.head = head;
        this.vocabulary = vocabulary;
        this.kernels = kernels;
        this.buffers = new PassBuffers(maxColumns, config.embedDim(), config.intermediateDim());
        int slots = new SymbolicLightStates(config, maxColumns).maxSlots();
        this.attention = new SlidingWindowAttention.Scratch(config, rope, slots, maxColumns);
        this.headScratch = head.scratch(maxColumns, vocabulary);
        this.running = new BlockState[maxColumns];
    }

    @Override
    public void run(PassColumns columns, float[] logits) {
        encode(columns);
        for (int layer = 0; layer < blocks.size(); layer++) {
            runBlock(columns, layer);
        }
        if (columns.wantedCount() > 0) {
            readOut(columns.wanted(), columns.wantedCount(), logits);
        }
        finish();
    }

    /**
     * The 194M program's uncached call with {@code enable_entropy_exit}: the head is applied after each block. Source: section
     * 6 of the specification.
     */
    @Override
    public int runUntilConfident(PassColumns columns, double entropy, float[] logits) {
        encode(columns);
        int[] lastColumn = {columns.count() - 1};
        int layer = 0;
        runBlock(columns, layer);
        while (layer + 1 < blocks.size()) {
            readOut(lastColumn, 1, logits);
            if (Entropy.clamped(kernels, logits, 0, vocabulary) < entropy) {
                break;
            }
            runBlock(columns, ++layer);
        }
        readOut(columns.wanted(), columns.wantedCount(), logits);
        finish();
        return layer;
    }

    private void encode(PassColumns columns) {
        buffers.begin(columns);
        for (int c = 0; c < columns.count(); c++) {
            SymbolicLightState state = state(columns, c);
            encoder.forward(kernels, buffers, c, columns.token(c), state.membrane);
            state.encoderSpikes += buffers.spikeCount(c);
        }
    }

    private void runBlock(PassColumns columns, int layer) {
        for (int c = 0; c < columns.count(); c++) {
            running[c] = state(columns, c).blocks[layer];
        }
        blocks.get(layer).forward(kernels, buffers, running, attention);
    }

    private void readOut(int[] wanted, int count, float[] logits) {
        head.forward(kernels, buffers, wanted, count, vocabulary, logits, headScratch);
    }

    private void finish() {
        Arrays.fill(running, null); // a finished pass must not keep states alive
    }

    private static SymbolicLightState state(PassColumns columns, int column) {
        return (SymbolicLightState) columns.state(column);
    }
}
