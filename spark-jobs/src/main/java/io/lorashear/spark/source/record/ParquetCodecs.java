package io.lorashear.spark.source.record;

import static org.apache.parquet.hadoop.metadata.CompressionCodecName.LZ4_RAW;

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

/** Parquet's own decoders, Brotli's, for which Hadoop has no codec, and both forms of LZ4. */
final class ParquetCodecs extends CodecFactory {
  private static final int NO_PAGE = 0; // pages are only read

  ParquetCodecs(Configuration configuration) {
    super(configuration, NO_PAGE);
  }

  /**
   * Checks whether some columns can be unpacked.
   *
   * @throws ParquetNotReadException if one is encrypted, or packed by a codec without a decoder
   *     here
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
    return switch (codec) {
      case BROTLI -> new Brotli();
      case LZ4 -> new Lz4(super.createDecompressor(codec), super.createDecompressor(LZ4_RAW));
      default -> super.createDecompressor(codec);
    };
  }

  /**
   * LZ4, for which one name has two forms: Hadoop writes blocks preceded by their sizes, and Arrow
   * wrote bare blocks.
   */
  private static final class Lz4 extends BytesDecompressor {
    private final BytesDecompressor sized;
    private final BytesDecompressor bare;

    Lz4(BytesDecompressor sized, BytesDecompressor bare) {
      this.sized = sized;
      this.bare = bare;
    }

    @Override
    public BytesInput decompress(BytesInput packed, int size) throws IOException {
      var bytes = packed.toByteArray();
      return (hasSizes(bytes, size) ? sized : bare).decompress(BytesInput.from(bytes), size);
    }

    private static boolean hasSizes(byte[] bytes, int size) {
      if (bytes.length < 2 * Integer.BYTES) {
        return false;
      }
      var first = ByteBuffer.wrap(bytes);
      var unpacked = first.getInt();
      var block = first.getInt();
      return unpacked > 0 && unpacked <= size && block > 0 && block <= first.remaining();
    }

    @Override
    public void decompress(ByteBuffer packed, int packedSize, ByteBuffer unpacked, int size)
        throws IOException {
      var bytes = BytesInput.from(packed.slice().limit(packedSize));
      unpacked.put(decompress(bytes, size).toByteArray());
    }

    @Override
    public void release() {
      sized.release();
      bare.release();
    }
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
      // has no resources
    }
  }
}
