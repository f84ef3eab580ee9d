package io.spikelet.job.plan;

import io.spikelet.job.LiteralPath;
import io.spikelet.job.UsageException;
import java.io.IOException;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ColumnPath;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Types;

/**
 * What the footer of a Parquet file says of its columns.
 *
 * @param valued the schema with the type UNKNOWN for every field that has nothing but nulls, as far as the footer tells: all in
 *     a file without rows
 */
record ParquetHeading(MessageType schema, MessageType valued) {
    /** @throws UsageException if the file is no Parquet */
    static ParquetHeading read(String file, Configuration configuration) {
        Path path = new Path(URI.create(file));
        try {
            ParquetMetadata footer = LiteralPath.footer(HadoopInputFile.fromPath(path, configuration));
            MessageType schema = footer.getFileMetaData().getSchema();
            List<BlockMetaData> blocks = footer.getBlocks();
            Set<ColumnPath> columns = blocks.stream()
                    .flatMap(block -> block.getColumns().stream())
                    .filter(chunk -> !isNull(chunk))
                    .map(ColumnChunkMetaData::getPath)
                    .collect(Collectors.toSet());
            List<Type> valued = schema.getFields().stream()
                    .map(field -> blocks.isEmpty() ? unknown(field) : valued(field, new String[0], columns))
                    .toList();
            return new ParquetHeading(schema, new MessageType(schema.getName(), valued));
        } catch (IOException | RuntimeException e) {
            throw new UsageException("cannot read " + path.toUri().getPath() + " as Parquet: " + e.getMessage(), e);
        }
    }

    /** The same text for two files only if both have the same columns with the same types, and nulls alone in the same ones. */
    static String text(String file, Configuration configuration) {
        return read(file, configuration).text();
    }

    String text() {
        return schema + "\n" + valued;
    }

    private static Type valued(Type field, String[] above, Set<ColumnPath> columns) {
        String[] path = Arrays.copyOf(above, above.length + 1);
        path[above.length] = field.getName();
        if (field.isPrimitive()) {
            return columns.contains(ColumnPath.get(path)) ? field : unknown(field);
        }
        GroupType group = field.asGroupType();
        return group.withNewFields(group.getFields().stream()
                .map(below -> valued(below, path, columns))
                .toList());
    }

    private static Type unknown(Type field) {
        return Types.primitive(PrimitiveTypeName.INT32, field.getRepetition())
                .as(LogicalTypeAnnotation.unknownType())
                .named(field.getName());
    }

    private static boolean isNull(ColumnChunkMetaData chunk) {
        Statistics<?> statistics = chunk.getStatistics();
        return statistics != null && statistics.isNumNullsSet() && statistics.getNumNulls() == chunk.getValueCount();
    }
}
