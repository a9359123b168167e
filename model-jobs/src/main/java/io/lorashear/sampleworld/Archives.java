package io.lorashear.sampleworld;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/**
 * Packed bytes that depend on nothing but their content: every time stamp is the same, every owner
 * nobody.
 */
final class Archives {
  /** 2026-01-01T00:00:00Z. */
  private static final long TIME = 1_767_225_600_000L;

  private static final int XZ_PRESET = 3;

  private interface Packing {
    OutputStream around(OutputStream plain) throws IOException;
  }

  private Archives() {}

  static byte[] gzip(byte[] plain) {
    return pack(plain, GZIPOutputStream::new);
  }

  static byte[] bzip2(byte[] plain) {
    return pack(plain, BZip2CompressorOutputStream::new);
  }

  static byte[] xz(byte[] plain) {
    return pack(plain, out -> new XZOutputStream(out, new LZMA2Options(XZ_PRESET)));
  }

  private static byte[] pack(byte[] plain, Packing packing) {
    var bytes = new ByteArrayOutputStream();
    try (var out = packing.around(bytes)) {
      out.write(plain);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  static byte[] tar(Map<String, byte[]> members) {
    var bytes = new ByteArrayOutputStream();
    try (var tar = new TarArchiveOutputStream(bytes)) {
      for (var member : members.entrySet()) {
        var entry = new TarArchiveEntry(member.getKey());
        entry.setModTime(TIME);
        entry.setSize(member.getValue().length);
        tar.putArchiveEntry(entry);
        tar.write(member.getValue());
        tar.closeArchiveEntry();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
