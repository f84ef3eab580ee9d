package io.spikelet.engine.token;

import java.util.Random;

/** Seeded texts that mix what tokenizers stumble over: scripts, blanks, symbols, accents, emoji, pieces of markup. */
public final class RandomText {
    private static final String[] FRAGMENTS = {
        " ",
        " ",
        " ",
        "  ",
        "   ",
        "\t",
        "\n",
        "\r\n",
        "\u00A0",
        "\u3000",
        "\u2003",
        "\u200B",
        "\u200D",
        "\uFEFF",
        "\u2581",
        "the",
        "The",
        "of",
        " and ",
        "ing",
        "tion",
        "ization",
        "don't",
        "U.S.",
        "@-@",
        "e\u0301",
        "n\u0303",
        "\u00E9",
        "\u00DF",
        "\uFB01",
        "\u2460",
        "\u00BD",
        "\uFF21\uFF22",
        "\uFF76",
        "\uFDFA",
        "\u2026",
        "\u2014",
        "\u4F60\u597D",
        "\u4E16\u754C",
        "\u7684",
        "\uAC00",
        "\u0645\u0631",
        "\u0928\u092E",
        "\uD83D\uDE00",
        "\uD83D\uDC68\u200D\uD83D\uDC69",
        "\uD83C\uDDE9\uD83C\uDDEA",
        "\uD842\uDFB7",
        "<|user|>",
        "<|endofuser|>",
        "<|think|>",
        "<|",
        "|>",
        "<|stream|",
        "<s>",
        "</s>",
        "<unk>",
        "<0x41>",
        "http://",
        "1,000",
        "2024-05-17",
        "\u0001",
        "\u007F",
        "\uFFFD",
        "\uE000",
        "\uFFFF",
        "aaaa",
        "abab",
        "!!!",
        "\u201C",
        "()"
    };

    private final Random random;

    public RandomText(long seed) {
        random = new Random(seed);
    }

    /** A text without lone surrogates and without U+0000. */
    public String next(int fragments) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < fragments; i++) {
            switch (random.nextInt(8)) {
                case 0, 1 -> text.append(FRAGMENTS[random.nextInt(FRAGMENTS.length)]);
                case 2 -> text.appendCodePoint(0x20 + random.nextInt(0x5F));
                case 3 -> text.appendCodePoint(scalar());
                default -> text.append((char) ('a' + random.nextInt(26)));
            }
        }
        return text.toString();
    }

    private int scalar() {
        int bits = 7 + random.nextInt(14); // every length of UTF-8 about as often
        int c = 1 + random.nextInt(Math.min(1 << bits, 0x110000 - 1));
        return c >= 0xD800 && c < 0xE000 ? c - 0x800 : c;
    }
}
