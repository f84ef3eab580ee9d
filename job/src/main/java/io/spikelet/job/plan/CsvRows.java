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
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
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
 *
 * @param columns names of all columns of the input
 * @param wanted names that the run asks for
 */
record CsvRows(List<String> columns, Set<String> wanted, SerializableConfiguration configuration)
        implements FlatMapFunction<String, Row> {
    private static final int LEADING = 5;

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
        try {
            CsvRecords records = open(file, configuration.value());
            if (TaskContext.get() != null) {
                TaskContext.get().addTaskCompletionListener((TaskCompletionListener) task -> close(records, file));
            }
            CsvRecord header = records.next();
            int[] places = header == null // of the file's columns among all
                    ? new int[0]
                    : ColumnNames.distinct(names(header), wanted).stream()
                            .mapToInt(columns::indexOf)
                            .toArray();
            AtomicLong ordinal = new AtomicLong();
            return Stream.iterate(next(records, file), Objects::nonNull, last -> next(records, file))
                    .map(record -> row(record, file, places, ordinal.getAndIncrement()))
                    .iterator();
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    /** The next record; closes the file where there is none. */
    private static CsvRecord next(CsvRecords records, String file) {
        try {
            CsvRecord next = records.next();
            if (next == null) {
                close(records, file);
            }
            return next;
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static void close(CsvRecords records, String file) {
        try {
            records.close();
        } catch (IOException e) {
            throw unreadable(file, e);
        }
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

    private Row row(CsvRecord read, String file, int[] places, long ordinal) {
        List<byte[]> fields = read.fields();
        String fault = read.fault() == null && fields.size() != places.length
                ? "the record has " + fields.size() + " fields, the header " + places.length
                : read.fault();
        Object[] values = new Object[LEADING + columns.size()];
        values[0] = file;
        values[1] = 0L;
        values[2] = ordinal;
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
}
