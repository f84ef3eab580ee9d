package io.spikelet.job.plan;

import io.spikelet.job.UsageException;
import io.spikelet.job.plan.CsvRecords.CsvRecord;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.compress.CompressionCodec;
import org.apache.hadoop.io.compress.CompressionCodecFactory;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;

/**
 * The records of a CSV file as rows: the file, 0 for its only block, the number of the record, what is wrong with it and the
 * record itself if something is, then its fields as bytes in the order of the input's columns.
 */
final class CsvRows implements FlatMapFunction<String, Row> {
    private static final long serialVersionUID = 1L;
    private static final int LEADING = 5;

    private final List<String> columns;
    private final Set<String> wanted;
    private final SerializableConfiguration configuration;

    /**
     * @param columns names of all columns of the input
     * @param wanted names that the run asks for
     */
    CsvRows(List<String> columns, Set<String> wanted, SerializableConfiguration configuration) {
        this.columns = List.copyOf(columns);
        this.wanted = new LinkedHashSet<>(wanted);
        this.configuration = configuration;
    }

    /**
     * The names in the header of a file as they stand there; none if it holds nothing.
     *
     * @throws UsageException if there is no telling where the header ends
     */
    static List<String> header(String file, Configuration configuration) {
        try (CsvRecords records = open(file, configuration)) {
            CsvRecord header = records.next();
            if (header != null && header.fault() != null) {
                throw new UsageException("the header of " + URI.create(file).getPath() + " (line " + header.line()
                        + ") cannot be read: " + header.fault());
            }
            return header == null ? List.of() : names(header);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    @Override
    public Iterator<Row> call(String file) {
        return new Rows(file);
    }

    private static List<String> names(CsvRecord header) {
        return header.fields().stream()
                .map(name -> name == null ? "" : new String(name, StandardCharsets.UTF_8))
                .toList();
    }

    private static CsvRecords open(String file, Configuration configuration) throws IOException {
        Path path = new Path(URI.create(file));
        InputStream raw = path.getFileSystem(configuration).open(path);
        CompressionCodec codec = new CompressionCodecFactory(configuration).getCodec(path);
        return new CsvRecords(new BufferedInputStream(codec == null ? raw : codec.createInputStream(raw)));
    }

    /** The file is what the message must name. */
    private static UncheckedIOException unreadable(String file, IOException cause) {
        String message = "cannot read " + URI.create(file).getPath() + ": " + cause.getMessage();
        return new UncheckedIOException(new IOException(message));
    }

    /** Goes through one file. */
    private final class Rows implements Iterator<Row> {
        private final String file;
        private CsvRecords records;
        private int[] places = {}; // of the file's columns among all
        private CsvRecord next;
        private long ordinal;

        Rows(String file) {
            this.file = file;
            try {
                records = open(file, configuration.value());
                if (TaskContext.get() != null) {
                    TaskContext.get().addTaskCompletionListener((TaskCompletionListener) task -> close());
                }
                CsvRecord header = records.next();
                if (header != null) {
                    places = ColumnNames.distinct(names(header), wanted).stream()
                            .mapToInt(columns::indexOf)
                            .toArray();
                    next = records.next();
                }
            } catch (IOException e) {
                throw unreadable(file, e);
            }
        }

        @Override
        public boolean hasNext() {
            return next != null;
        }

        @Override
        public Row next() {
            if (next == null) {
                throw new NoSuchElementException("no record is left in " + file);
            }
            Row row = row(next);
            try {
                next = records.next();
            } catch (IOException e) {
                throw unreadable(file, e);
            }
            if (next == null) {
                close();
            }
            return row;
        }

        private Row row(CsvRecord read) {
            List<byte[]> fields = read.fields();
            String fault = read.fault() == null && fields.size() != places.length
                    ? "the record has " + fields.size() + " fields, the header " + places.length
                    : read.fault();
            Object[] values = new Object[LEADING + columns.size()];
            values[0] = file;
            values[1] = 0L;
            values[2] = ordinal++;
            values[3] = fault == null ? null : file + ", line " + read.line() + ": " + fault;
            values[4] = fault == null ? null : joined(fields);
            for (int i = 0; i < Math.min(fields.size(), places.length); i++) {
                values[LEADING + places[i]] = fields.get(i);
            }
            return RowFactory.create(values);
        }

        private static byte[] joined(List<byte[]> fields) {
            ByteArrayOutputStream record = new ByteArrayOutputStream();
            for (byte[] field : fields) {
                record.writeBytes(record.size() == 0 ? new byte[0] : new byte[] {','});
                record.writeBytes(field == null ? new byte[0] : field);
            }
            return record.toByteArray();
        }

        private void close() {
            try {
                records.close();
            } catch (IOException e) {
                throw unreadable(file, e);
            }
        }
    }
}
