package io.lorashear.spark.source;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/** What one task reads of a file: the records that begin in these bytes. */
record Slice(InputFile file, long start, long end) implements Serializable {

  /** The slices of a file: one, or as many as it takes to keep each under {@code bytes}. */
  static List<Slice> of(InputFile file, long bytes) {
    var count = file.splittable() ? Math.max(1, (file.size() + bytes - 1) / bytes) : 1;
    var slices = new ArrayList<Slice>();
    for (var i = 0L; i < count; i++) {
      slices.add(new Slice(file, file.size() * i / count, file.size() * (i + 1) / count));
    }
    return slices;
  }

  boolean whole() {
    return start == 0 && end == file.size();
  }
}
