package io.spikelet.job.plan;

import io.spikelet.job.UsageException;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.schema.LogicalTypeAnnotation.UnknownLogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;

/**
 * What the footer of a Parquet file says of its columns.
 *
 * @param nullColumns columns that have nothing but nulls, as far as the footer tells; all in a file without rows
 */
record ParquetHeading(MessageType schema, Set<String> nullColumns) {
    /** @throws UsageException if the file is no Parquet */
    static ParquetHeading read(String file, Configuration configuration) {
        Path path = new Path(URI.create(file));
        try (ParquetFileReader reader = ParquetFileReader.open(HadoopInputFile.fromPath(path, configuration))) {
            MessageType schema = reader.getFileMetaData().getSchema();
            List<BlockMetaData> blocks = reader.getFooter().getBlocks();
            Set<String> nulls = new TreeSet<>();
            for (Type field : schema.getFields()) {
                if (blocks.isEmpty() || isNull(field, blocks)) {
                    nulls.add(field.getName());
                }
            }
            return new ParquetHeading(schema, nulls);
        } catch (IOException | RuntimeException e) {
            throw new UsageException("cannot read " + path.toUri().getPath() + " as Parquet: " + e.getMessage(), e);
        }
    }

    /** The same text for two files only if both have the same columns with the same types, and nulls alone in the same ones. */
    static String text(String file, Configuration configuration) {
        return read(file, configuration).text();
    }

    String text() {
        return schema + String.join("\n", nullColumns);
    }

    /** A column of structs or lists may have such that have nothing in them. */
    private static boolean isNull(Type field, List<BlockMetaData> blocks) {
        return field.isPrimitive()
                && (field.getLogicalTypeAnnotation() instanceof UnknownLogicalTypeAnnotation
                        || blocks.stream()
                                .flatMap(block -> block.getColumns().stream())
                                .filter(chunk -> chunk.getPath().toArray()[0].equals(field.getName()))
                                .allMatch(ParquetHeading::isNull));
    }

    private static boolean isNull(ColumnChunkMetaData chunk) {
        Statistics<?> statistics = chunk.getStatistics();
        return statistics != null && statistics.isNumNullsSet() && statistics.getNumNulls() == chunk.getValueCount();
    }
}
