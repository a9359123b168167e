package io.lorashear.spark.source;

import java.io.Serializable;

/** Where a record was found: source, file, and position in the file (empty: the whole file). */
record Place(String source, String file, String position) implements Serializable {

  String id() {
    return source + "/" + file + (position.isEmpty() ? "" : "#" + position);
  }
}
