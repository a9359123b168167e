package io.lorashear.spark.source;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;

/**
 * The part of a file that one task reads: the records that begin in these bytes.
 *
 * @param line number of its first line, from 1, for formats that identify records by line
 */
record Slice(InputFile file, long start, long end, long line) implements Serializable {

  /** A slice of the whole file. */
  Slice(InputFile file) {
    this(file, 0, file.size(), 1);
  }

  /** The slices of a file, each at most {@code bytes} long. */
  static List<Slice> of(InputFile file, long bytes, Configuration configuration) {
    var count = file.splittable() ? Math.max(1, (file.size() + bytes - 1) / bytes) : 1;
    if (count > 1 && file.format() == Format.SENTENCES) {
      return LineSlices.of(file, (int) count, configuration);
    }
    var slices = new ArrayList<Slice>();
    for (var i = 0L; i < count; i++) {
      slices.add(new Slice(file, file.size() * i / count, file.size() * (i + 1) / count, 1));
    }
    return slices;
  }

  boolean whole() {
    return start == 0 && end == file.size();
  }
}
