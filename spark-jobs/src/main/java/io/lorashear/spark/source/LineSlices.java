package io.lorashear.spark.source;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;

/**
 * Slices of a file of lines that begin at the boundaries of runs of lines, so that every run has
 * the same content and number as if one task read the whole file:
 *
 * <pre>
 *   bytes, shared evenly      0 ──────────┬──────────┬────────── size
 *   line ends before them     0        412 113    824 306          counted in all parts at once
 *   a slice begins after                412 500    824 500          where the next run of 500 ends
 * </pre>
 *
 * If a run may be so long that it is truncated, the file stays whole.
 */
final class LineSlices {
  private static final int BLOCK = 1 << 16;

  private LineSlices() {}

  /**
   * Figures of the bytes between two positions of a file.
   *
   * @param ends number of line ends
   * @param first bytes up to and including the first line end
   * @param longest bytes of the longest line that begins and ends inside
   * @param last bytes after the last line end; all bytes if there is none
   */
  private record Part(long start, long ends, long first, long longest, long last) {}

  /** The slices of a file, at most {@code count}; a single one if the file cannot be read. */
  static List<Slice> of(InputFile file, int count, Configuration configuration) {
    try {
      var parts =
          IntStream.range(0, count)
              .parallel()
              .mapToObj(i -> part(file, i, count, configuration))
              .toList();
      var run = file.options().sentencesPerDocument();
      return longest(parts) * run > file.options().recordBytes()
          ? List.of(new Slice(file))
          : slices(file, parts, run, configuration);
    } catch (IOException | UncheckedIOException e) {
      return List.of(new Slice(file)); // whose task will report the problem
    }
  }

  private static Part part(InputFile file, int number, int count, Configuration configuration) {
    var start = file.size() * number / count;
    var end = file.size() * (number + 1) / count;
    try (var content = open(file, start, configuration)) {
      return part(content, start, end);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static FSDataInputStream open(InputFile file, long start, Configuration configuration)
      throws IOException {
    var path = new Path(file.path());
    var content = path.getFileSystem(configuration).open(path);
    content.seek(start);
    return content;
  }

  private static Part part(FSDataInputStream content, long start, long end) throws IOException {
    var ends = 0L;
    var first = 0L;
    var longest = 0L;
    var behind = start;
    var block = new byte[BLOCK];
    for (var at = start; at < end; ) {
      var length = (int) Math.min(BLOCK, end - at);
      content.readFully(block, 0, length);
      for (var i = 0; i < length; i++) {
        if (block[i] == '\n') {
          var line = at + i + 1 - behind;
          first = ends == 0 ? line : first;
          longest = ends == 0 ? longest : Math.max(longest, line);
          behind = at + i + 1;
          ends++;
        }
      }
      at += length;
    }
    return new Part(start, ends, first, longest, end - behind);
  }

  private static long longest(List<Part> parts) {
    var longest = 0L;
    var open = 0L;
    for (var part : parts) {
      longest = Math.max(longest, Math.max(part.longest(), open + part.first()));
      open = part.ends() == 0 ? open + part.last() : part.last();
    }
    return Math.max(longest, open);
  }

  private static List<Slice> slices(
      InputFile file, List<Part> parts, int run, Configuration configuration) throws IOException {
    var slices = new ArrayList<Slice>();
    var begun = new Slice(file);
    var before = 0L;
    for (var part : parts) {
      var wanted = (before / run + 1) * run;
      if (part.start() > 0 && wanted - before <= part.ends()) {
        var start = behind(file, part.start(), wanted - before, configuration);
        slices.add(new Slice(file, begun.start(), start, begun.line()));
        begun = new Slice(file, start, file.size(), wanted + 1);
      }
      before += part.ends();
    }
    if (begun.start() < file.size()) {
      slices.add(begun);
    }
    return slices;
  }

  /** The position after the {@code number}th line end from {@code start} on. */
  private static long behind(InputFile file, long start, long number, Configuration configuration)
      throws IOException {
    var block = new byte[BLOCK];
    try (var content = open(file, start, configuration)) {
      var at = start;
      for (var left = number; left > 0; ) {
        var length = content.read(block);
        if (length < 0) {
          throw new IOException(file.shownPath() + " has become shorter");
        }
        for (var i = 0; i < length && left > 0; i++, at++) {
          left -= block[i] == '\n' ? 1 : 0;
        }
      }
      return at;
    }
  }
}
