package io.lorashear.spark.source.record;

import io.lorashear.spark.source.record.RawRecord.State;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.Locale;
import java.util.regex.Pattern;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarUtils;
import org.jspecify.annotations.Nullable;

/**
 * The files of a tar archive and of the (compressed) archives in it, as OpenWebText is published.
 * Nothing is unpacked to disk: names only serve as positions.
 */
public final class TarMembers implements Cutter {
  private static final long serialVersionUID = 1;
  private static final int DEEPEST = 3;
  private static final int HEADER = 512;
  private static final int MAGIC = 257;

  /** A header's octal checksum, by which archives from before POSIX are recognised. */
  private static final Pattern SUM = Pattern.compile(" *[0-7]{3,7}[ \\x00]*");

  @Override
  public Iterator<RawRecord> cut(InputStream content, int limit) {
    return new Members(content, limit);
  }

  /**
   * Whether the first 512 bytes of a file are the header of a tar archive, including those from
   * before POSIX.
   */
  public static boolean isTar(byte[] first) {
    return first.length >= HEADER
        && first[0] != 0
        && (ascii(first, MAGIC, 5).equals("ustar")
            || SUM.matcher(ascii(first, 148, 8)).matches()
                && TarUtils.verifyCheckSum(Arrays.copyOf(first, HEADER)));
  }

  private static String ascii(byte[] bytes, int from, int length) {
    return new String(bytes, from, length, StandardCharsets.US_ASCII);
  }

  private record Archive(String prefix, TarArchiveInputStream entries) {}

  private static final class Members extends Pull<RawRecord> {
    private final Deque<Archive> open = new ArrayDeque<>();
    private final int limit;

    Members(InputStream content, int limit) {
      this.limit = limit;
      open.push(new Archive("", new TarArchiveInputStream(content)));
    }

    @Override
    protected @Nullable RawRecord advance() throws IOException {
      while (!open.isEmpty()) {
        var archive = open.element();
        var entry = archive.entries().getNextTarEntry();
        if (entry == null) {
          open.pop();
        } else if (!entry.isDirectory()) {
          var record = member(archive, entry);
          if (record != null) {
            return record;
          }
        }
      }
      return null;
    }

    /** The entry as a record; null if it is an archive, which is opened. */
    private @Nullable RawRecord member(Archive archive, TarArchiveEntry entry) throws IOException {
      var name = archive.prefix() + entry.getName();
      if (!entry.isFile() || entry.isLink() || entry.isSymbolicLink()) {
        return new RawRecord(name, new byte[0], State.NOT_A_FILE);
      }
      var content = unpacked(entry, archive.entries());
      if (open.size() < DEEPEST && isTar(peek(content))) {
        open.push(new Archive(name + "/", new TarArchiveInputStream(content)));
        return null;
      }
      return WholeFile.read(name, content, limit);
    }
  }

  private static InputStream unpacked(TarArchiveEntry entry, InputStream bytes) throws IOException {
    var content = new BufferedInputStream(bytes);
    var plain = entry.getName().toLowerCase(Locale.ROOT).endsWith(".txt");
    var compression = plain ? Compression.NONE : Compression.ofBytes(peek(content));
    return new BufferedInputStream(compression.open(content, entry.getSize()));
  }

  private static byte[] peek(InputStream content) throws IOException {
    content.mark(HEADER);
    var first = content.readNBytes(HEADER);
    content.reset();
    return first;
  }
}
