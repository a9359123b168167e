package io.lorashear.settings;

import java.util.List;
import java.util.Map;

/** A settings file as read, every value with its place. */
sealed interface Tree {

  Place place();

  /** One word for messages. */
  String kind();

  /** A single value, not yet of any type. */
  record Text(Place place, String value) implements Tree {
    @Override
    public String kind() {
      return "one value";
    }
  }

  /** A key with nothing behind it, {@code ~} or {@code null}. */
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

  /** Keys and values in the order of the file. The map may be changed by overrides. */
  record Fields(Place place, Map<String, Tree> values) implements Tree {
    @Override
    public String kind() {
      return "a group of settings";
    }
  }
}
