package io.lorashear.spark.source.record;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.hadoop.CodecFactory;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.brotli.dec.BrotliInputStream;

/** Parquet's own decoders, and Brotli's, for which Hadoop has no codec. */
final class ParquetCodecs extends CodecFactory {
  private static final int NO_PAGE = 0; // pages are only read

  ParquetCodecs(Configuration configuration) {
    super(configuration, NO_PAGE);
  }

  /**
   * Looks whether some columns can be unpacked.
   *
   * @throws ParquetNotReadException if one is encrypted, or packed with what has no decoder here
   */
  static void check(ParquetMetadata footer, Collection<String> columns)
      throws ParquetNotReadException {
    for (var block : footer.getBlocks()) {
      for (var chunk : block.getColumns()) {
        var name = chunk.getPath().toArray()[0];
        if (columns.contains(name) && chunk.isEncrypted()) {
          throw ParquetNotReadException.encrypted(name);
        } else if (columns.contains(name) && chunk.getCodec() == CompressionCodecName.LZO) {
          throw ParquetNotReadException.noDecoder(chunk.getCodec().name().toLowerCase(Locale.ROOT));
        }
      }
    }
  }

  @Override
  protected BytesDecompressor createDecompressor(CompressionCodecName codec) {
    return codec == CompressionCodecName.BROTLI ? new Brotli() : super.createDecompressor(codec);
  }

  private static final class Brotli extends BytesDecompressor {
    @Override
    public BytesInput decompress(BytesInput packed, int size) throws IOException {
      try (var unpacked = new BrotliInputStream(packed.toInputStream())) {
        return BytesInput.from(unpacked.readNBytes(size));
      }
    }

    @Override
    public void decompress(ByteBuffer packed, int packedSize, ByteBuffer unpacked, int size)
        throws IOException {
      var bytes = BytesInput.from(packed.slice().limit(packedSize));
      unpacked.put(decompress(bytes, size).toByteArray());
    }

    @Override
    public void release() {
      // holds nothing
    }
  }
}
