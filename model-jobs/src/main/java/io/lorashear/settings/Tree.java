package io.lorashear.settings;

import java.util.List;
import java.util.Map;

/** A parsed settings file; every value has its place. */
sealed interface Tree {

  Place place();

  /** The kind of value, for messages. */
  String kind();

  /** A single value, not yet converted to a type. */
  record Text(Place place, String value) implements Tree {
    @Override
    public String kind() {
      return "one value";
    }
  }

  /** A key without a value, {@code ~} or {@code null}. */
  record Nothing(Place place) implements Tree {
    @Override
    public String kind() {
      return "empty";
    }
  }

  /** A list. */
  record Items(Place place, List<Tree> values) implements Tree {
    @Override
    public String kind() {
      return "a list";
    }
  }

  /** Keys and values in the order of the file. Overrides may change the map. */
  record Fields(Place place, Map<String, Tree> values) implements Tree {
    @Override
    public String kind() {
      return "a group of settings";
    }
  }
}
