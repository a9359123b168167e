package io.lorashear.spark.source.record;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.apache.commons.compress.compressors.lz4.FramedLZ4CompressorInputStream;
import org.tukaani.xz.XZInputStream;

/** Compressions of corpora, recognised by their first bytes and by the ending of a file's name. */
public enum Compression {
  NONE(""),
  GZIP(".gz", 0x1f, 0x8b),
  BZIP2(".bz2", 'B', 'Z', 'h'),
  XZ(".xz", 0xfd, '7', 'z', 'X', 'Z', 0),
  ZSTD(".zst", 0x28, 0xb5, 0x2f, 0xfd),
  LZ4(".lz4", 0x04, 0x22, 0x4d, 0x18);

  /** Default maximum of a zstd window in bytes: that of the zstd program. */
  public static final long USUAL_WINDOW = 1L << 27;

  /** Maximum memory for an xz file; the strongest preset needs 65 MiB. */
  private static final int XZ_MEMORY_KIBIBYTES = 256 << 10;

  private final String ending;
  private final byte[] magic;

  Compression(String ending, int... magic) {
    this.ending = ending;
    this.magic = new byte[magic.length];
    for (var i = 0; i < magic.length; i++) {
      this.magic[i] = (byte) magic[i];
    }
  }

  /** The compression by the name. */
  public static Compression ofName(String name) {
    var lower = name.toLowerCase(Locale.ROOT);
    return compressed().filter(each -> lower.endsWith(each.ending)).findFirst().orElse(NONE);
  }

  /** The compression by the first bytes of a file. */
  public static Compression ofBytes(byte[] first) {
    return compressed().filter(each -> each.begins(first)).findFirst().orElse(NONE);
  }

  private static Stream<Compression> compressed() {
    return Arrays.stream(values()).filter(each -> each != NONE);
  }

  private boolean begins(byte[] first) {
    if (this == ZSTD) {
      return Zstd.begins(first);
    }
    return first.length >= magic.length
        && Arrays.equals(first, 0, magic.length, magic, 0, magic.length);
  }

  /** The unpacked bytes within the default window, see {@link #open(InputStream, long, long)}. */
  public InputStream open(InputStream packed, long size) throws IOException {
    return open(packed, size, USUAL_WINDOW);
  }

  /**
   * The unpacked bytes, which end in a {@link BombException} if there are absurdly many.
   *
   * @param size number of packed bytes
   * @param window maximum bytes of the window that back-references use, see {@link
   *     LongWindowException}
   */
  public InputStream open(InputStream packed, long size, long window) throws IOException {
    return this == NONE ? packed : new BoundedUnpacking(unpacked(packed, window), size);
  }

  /** The unpacked bytes; files made of several streams are read to their end. */
  public InputStream open(InputStream packed) throws IOException {
    return unpacked(packed, USUAL_WINDOW);
  }

  private InputStream unpacked(InputStream packed, long window) throws IOException {
    return switch (this) {
      case NONE -> packed;
      case GZIP -> new GzipCompressorInputStream(new BufferedInputStream(packed), true);
      case BZIP2 -> new BZip2CompressorInputStream(new BufferedInputStream(packed), true);
      case XZ -> new XZInputStream(new BufferedInputStream(packed), XZ_MEMORY_KIBIBYTES);
      case ZSTD -> Zstd.open(new BufferedInputStream(packed), window);
      case LZ4 -> new FramedLZ4CompressorInputStream(new BufferedInputStream(packed), true);
    };
  }
}
