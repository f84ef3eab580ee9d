package io.spikelet.job.plan;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Cuts a stream into records as RFC 4180 says, without changing a byte of a field. Records end with LF or CRLF, or with CR if
 * the first one does; blank lines are none. A field that takes its record beyond a number of bytes is left out, so that a quote
 * that never ends does not take the heap. Not thread-safe.
 */
final class CsvRecords implements Closeable {
    /** Most bytes of a record that are held. */
    static final int MOST_BYTES = 1 << 25;

    private static final int FIELD_BYTES = 32; // that a field takes beside its text

    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};
    private static final int END = -1;
    private static final int QUOTE = '"';
    private static final int DELIMITER = ',';

    /**
     * A record.
     *
     * @param fields null where a field has nothing in it, not even quotes, or was left out
     * @param line the number of its first line, from 1
     * @param fault what is wrong with it, or null
     */
    record CsvRecord(List<byte[]> fields, long line, String fault) {}

    private final PushbackInputStream in;
    private final int mostBytes;
    private ByteArrayOutputStream field = new ByteArrayOutputStream();
    private boolean isLeftOut; // the field
    private long held; // bytes of the record's fields before this one
    private List<byte[]> fields = new ArrayList<>();
    private String fault;
    private long line = 1;
    private boolean isFirst = true;
    private boolean endsWithReturn; // a lone CR ends a record

    /** @param in buffered; closed with this */
    CsvRecords(InputStream in) throws IOException {
        this(in, MOST_BYTES);
    }

    /** @param mostBytes most bytes of a record that are held */
    CsvRecords(InputStream in, int mostBytes) throws IOException {
        this.mostBytes = mostBytes;
        this.in = new PushbackInputStream(in, BYTE_ORDER_MARK.length);
        byte[] start = this.in.readNBytes(BYTE_ORDER_MARK.length);
        if (!Arrays.equals(start, BYTE_ORDER_MARK)) {
            this.in.unread(start);
        }
    }

    /** The next record, or null at the end. */
    CsvRecord next() throws IOException {
        while (true) {
            long begin = line;
            fields = new ArrayList<>();
            fault = null;
            held = 0;
            boolean isEnd = readFields();
            boolean isBlank = fields.size() == 1 && fields.getFirst() == null;
            if (!isBlank) {
                return new CsvRecord(fields, begin, fault);
            }
            if (isEnd) {
                return null;
            }
        }
    }

    /** Reads to the end of the record; whether it is the end of the stream too. */
    private boolean readFields() throws IOException {
        while (true) {
            int c = in.read();
            boolean isQuoted = c == QUOTE;
            c = isQuoted ? readQuoted() : c;
            while (c != END && c != DELIMITER && !isRecordEnd(c)) {
                if (isQuoted && fault == null) {
                    fault = "text follows the closing quote of field " + (fields.size() + 1);
                }
                hold(c);
                c = in.read();
            }
            endField(isQuoted);
            if (c != DELIMITER) {
                return c == END;
            }
        }
    }

    private void hold(int c) {
        if (!isLeftOut && held + field.size() < mostBytes) {
            field.write(c);
        } else if (!isLeftOut) {
            leaveOut();
        }
    }

    private void leaveOut() {
        isLeftOut = true;
        field = new ByteArrayOutputStream(); // lets go of what was held
        if (fault == null) {
            fault = "field " + (fields.size() + 1) + " is left out, since the record takes more than " + mostBytes
                    + " bytes";
        }
    }

    /** Fields without end are no less than a field without end. */
    private void endField(boolean isQuoted) {
        if (held + FIELD_BYTES > mostBytes) {
            leaveOut();
        } else {
            fields.add(isLeftOut || (field.size() == 0 && !isQuoted) ? null : field.toByteArray());
            held += FIELD_BYTES + field.size();
        }
        field.reset();
        isLeftOut = false;
    }

    /** Reads what stands in quotes; what follows the closing one. */
    private int readQuoted() throws IOException {
        while (true) {
            int c = in.read();
            if (c == QUOTE) {
                c = in.read();
                if (c != QUOTE) {
                    return c;
                }
            } else if (c == END) {
                fault = "the quote of field " + (fields.size() + 1) + " does not end";
                return END;
            }
            line += c == '\n' ? 1 : 0;
            hold(c);
        }
    }

    /** Whether a byte outside of quotes ends the record; takes the LF of a CRLF. */
    private boolean isRecordEnd(int c) throws IOException {
        if (c != '\n' && c != '\r') {
            return false;
        }
        boolean ends = c == '\n';
        if (c == '\r') {
            int next = in.read();
            ends = next == '\n';
            if (!ends && next != END) {
                in.unread(next);
            }
            endsWithReturn |= isFirst && !ends;
            ends |= endsWithReturn || next == END;
        }
        isFirst &= !ends;
        line += ends ? 1 : 0;
        return ends;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
